export const sessionCookie = 'jf_session';
