export { watchAccounts } from './accounts/watch-accounts.ts';
export { AuthServiceModule } from './auth-service.module.ts';
export { AuthSettings } from './auth-settings.ts';
export { openApiDocument } from './management/openapi/openapi-document.ts';
