export {
  defaultObjectives,
  type Objectives,
  objectivesSchema,
} from "./objectives.ts";
export { createServiceLevels, type ServiceLevels, type ServiceLevelsOptions } from "./service-levels.ts";
