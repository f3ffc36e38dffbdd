/** The two ways in which a leg ends badly. Everything else that is thrown is a defect of the probe. */
import type { InconclusiveCode } from "@trueline/protocol";

/** The gateway does not keep what it promises. The message is the leg's detail. */
export class LegFailure extends Error {
  override readonly name = "LegFailure";
}

/** Nothing can be said about the gateway. */
export class Inconclusive extends Error {
  override readonly name = "Inconclusive";
  readonly code: InconclusiveCode;

  constructor(code: InconclusiveCode, message: string) {
    super(message);
    this.code = code;
  }
}
