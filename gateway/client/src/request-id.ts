/** The client's own id of a message or request: its idempotency key (RS5). Made here for whoever does not bring one. */
import { randomToken } from "@trueline/kit";

export const newRequestId = (): string => randomToken(16);
