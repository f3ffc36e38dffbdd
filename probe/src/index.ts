/** The probe: walks the golden path of any running gateway, and says whether it holds (HC2). */
export {
  type Budgets,
  defaultBudgets,
  type ProbeAccount,
  type ProbeOptions,
  ProbeOptionsError,
} from "./options.ts";
export { createProbe, type Probe } from "./probe.ts";
