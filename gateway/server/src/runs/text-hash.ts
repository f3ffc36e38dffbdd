/** What is kept of a deleted message's text, to know it again (RS5). The stores make it, accepting compares it. */
import { createHash } from "node:crypto";

export const hashOfText = (text: string): string => createHash("sha256").update(text).digest("hex");
