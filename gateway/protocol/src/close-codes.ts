/**
 * Why the server closes a socket. The range says what a client does next, so that a code it does not know is
 * still handled rightly.
 *
 * | range     | client                                            |
 * |-----------|---------------------------------------------------|
 * | 4000–4099 | reconnects, with back-off, from its position      |
 * | 4100–4199 | signs in again (or refreshes), then reconnects    |
 * | 4200–4299 | does not reconnect by itself: it would happen again |
 */
export const closeCodes = {
  /** Issued when the server drains for a restart or deploy; `going_away` came before it. */
  going_away: 4000,
  /** Issued when `hello` did not come within 5 s of the upgrade. */
  hello_timeout: 4001,
  /** Issued when a connection answered no ping for the half-open time. */
  half_open: 4002,
  /** Issued when the server could not go on with this connection for a reason of its own. */
  internal_error: 4003,
  /** Issued when the connection's access ran out (own accounts): a fresh token lets it in again. */
  token_expired: 4100,
  /** Issued when the session was revoked or signed out. */
  session_revoked: 4101,
  /** Issued when the user was disabled. */
  user_disabled: 4102,
  /** Issued when the user's password was changed. */
  password_changed: 4103,
  /** Issued when a frame is not JSON, has an unknown type, does not fit its schema or is too deep. */
  bad_frame: 4200,
  /** Issued when frames come in an order the protocol forbids (`hello` twice, `send` before `hello`). */
  wrong_order: 4201,
  /** Issued when a frame is larger than `maxFrameBytes`. */
  frame_too_large: 4202,
  /** Issued when a client sends frames faster than allowed. */
  too_many_frames: 4203,
  /** Issued when an event of another owner was about to be delivered; audited and alerted (IS3). */
  isolation_violation: 4204,
} as const;

export type CloseReason = keyof typeof closeCodes;
export type AfterClose = "reconnect" | "sign_in" | "stop";

/** What a client does after a close with this code. Codes outside our ranges are network trouble: reconnect. */
export function afterClose(code: number): AfterClose {
  if (code >= 4100 && code < 4200) return "sign_in";
  if (code >= 4200 && code < 4300) return "stop";
  return "reconnect";
}
