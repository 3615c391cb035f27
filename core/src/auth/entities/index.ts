import { ApiKey } from './api-key.entity.ts';
import { Captcha } from './captcha.entity.ts';
import { Role, RolePermission } from './role.entity.ts';
import { Session } from './session.entity.ts';
import { SignInAttempts } from './sign-in-attempts.entity.ts';
import { User } from './user.entity.ts';

export const authEntities = [User, Session, ApiKey, Role, RolePermission, SignInAttempts, Captcha];
