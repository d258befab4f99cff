import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ToolViews } from './tool-views.js';

@Module({ imports: [CatalogModule], providers: [ToolViews], exports: [ToolViews] })
export class PolicyModule {}
