/** SQLSTATE of a statement that the user's role has no right to. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** Whether a statement failed because whoever sent it has no right to it. */
export function isInsufficientRight(error: unknown): boolean {
  return ((error ?? {}) as { code?: string }).code === INSUFFICIENT_PRIVILEGE;
}
