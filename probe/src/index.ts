/** The probe: walks the golden path of any running gateway, and says whether it holds (HC2). */
export { type Alerts, type AlertsOptions, createAlerts, tellOfWalk } from "./alerts.ts";
export {
  type Budgets,
  defaultBudgets,
  type ProbeAccount,
  type ProbeOptions,
  ProbeOptionsError,
} from "./options.ts";
export { createProbe, type Probe } from "./probe.ts";
export { describeBriefly, describeReport } from "./text.ts";
export { type Watch, type WatchOptions, watch } from "./watch.ts";
export { type Alert, type Webhook, type WebhookFormat, webhookFormats } from "./webhook.ts";
