import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { NativeViews } from './native-view.js';
import { ToolViews } from './tool-views.js';

@Module({ imports: [CatalogModule], providers: [ToolViews, NativeViews], exports: [ToolViews, NativeViews, CatalogModule] })
export class PolicyModule {}
