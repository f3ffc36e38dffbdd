export { isSecretName } from "./names.ts";
export { redact } from "./redact.ts";
export { mask, redactText } from "./text.ts";
