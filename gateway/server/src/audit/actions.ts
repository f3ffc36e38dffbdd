/** Everything that the audit log records (IS5). The sentence says when an entry is written and what its detail holds. */
export const auditActions = {
  /** Somebody signed in. `session`, `way` (password, oidc). */
  login: "signed in",
  /** A sign-in was refused. `code`, `email` as it was typed. `user` is there when the e-mail is somebody's. */
  login_refused: "was refused to sign in",
  /** A user signed out. `session`. */
  logout: "signed out",
  /** A refresh token was used after its successor; its session was ended. `session`. */
  refresh_reused: "used a refresh token again",
  /** A single-use ticket was given out. `session`. */
  ticket: "got a ticket",
  /** A connection was admitted. `connectionId`. */
  connect: "connected",
  /** A connection was refused. `code`. */
  connect_refused: "was refused to connect",
  /** A connection ended. `connectionId`, `code`. */
  disconnect: "disconnected",
  /** A message was accepted. `threadId`, `runId`, `messageId`, `connectionId` (null over HTTP); never its text. */
  send: "sent a message",
  /** A run was cancelled. The same of its message, and the connection that asked. `cause`: `thread_deleted`, where that was asked for. */
  cancel: "cancelled a run",
  /** A message, or a cancel, was refused. `code`, `connectionId` (null over HTTP). Refusals are bounded: bounded.ts. */
  send_refused: "was refused a message",
  cancel_refused: "was refused a cancel",
  /** An HTTP request was refused, 401 or 403. `code`, `route`. */
  request_refused: "was refused a request",
  /** A walk of the probe was recorded by an administrator. `outcome`. */
  probe_recorded: "recorded a walk of the probe",
  /** Sessions were ended by somebody. `sessions`, `reason`. */
  revoke: "had sessions revoked",
  /** An administrator read what is not their own. `what`. */
  admin_read: "read as an administrator",
  /** An account was made. `role`, `way`. */
  user_created: "was created",
  user_disabled: "was disabled",
  user_enabled: "was enabled",
  password_changed: "got a new password",
  /** An event of another owner was about to be delivered (IS3). `where`. */
  isolation_violation: "was about to get what is another's",
} as const;
export type AuditAction = keyof typeof auditActions;

export const isAuditAction = (text: string): text is AuditAction => Object.hasOwn(auditActions, text);
