/** The Trueline client for browsers and Node. React hooks are in `@trueline/client/react`. */
export type * from "@trueline/protocol/wire";
export { afterClose, closeCodes, TruelineError } from "@trueline/protocol/wire";
export { connect } from "./connect.ts";
export { type Conversations, conversationsOf } from "./conversation/follow.ts";
export {
  type ConversationAction,
  emptyConversation,
  reduce,
  threadsByRecency,
} from "./conversation/reduce.ts";
export type * from "./conversation/types.ts";
export { ClientError, type ClientErrorCode } from "./errors.ts";
export type * from "./options.ts";
export { browserStorage, memoryStorage } from "./storage.ts";
export type * from "./types.ts";
