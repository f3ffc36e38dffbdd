export { assertNever, invariant } from "./assert.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  type ConnectionId,
  isId,
  type MessageId,
  newId,
  type RunId,
  randomToken,
  type SessionId,
  type ThreadId,
  type UserId,
} from "./ids.ts";
export { failure, type Result, success } from "./result.ts";
