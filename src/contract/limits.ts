/** How many sessions an upload to TwelveLabs may use up, each in place of one that was lost. */
export const mostUploadSessions = 3;
