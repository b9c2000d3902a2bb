/** The Nexus endpoint that `provider-jobs dev` makes, and that examples call. */
export const nexusEndpoint = 'provider-jobs';
