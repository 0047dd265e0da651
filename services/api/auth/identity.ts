export type UserRole = 'user' | 'admin';

/** Who is at the door. */
export interface Identity {
  userId: string;
  role: UserRole;
  /** Unix ms at which the token ends. */
  expiresAt: number;
}
