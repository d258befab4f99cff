import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'gatehouse:public';

/** The route answers without a credential. Every route that does not say so needs one. */
export const Public = () => SetMetadata(PUBLIC_ROUTE, true);
