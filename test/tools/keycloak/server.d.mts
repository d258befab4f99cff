export declare function prepareEnvironment(environment?: NodeJS.ProcessEnv): Promise<void>;
export declare function startKeycloak(): Promise<string>;
export declare function stopKeycloak(): Promise<void>;
