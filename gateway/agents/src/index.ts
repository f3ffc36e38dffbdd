export { type AgentDefinition, defineAgent, defineTool, type ToolDefinition } from "./define.ts";
export { type OfflineOptions, offlineAgent } from "./offline/agent.ts";
export { createProviderModel, type ProviderModelOptions } from "./providers/provider-model.ts";
export { createModel, type ModelSettings, modelSettingsSchema } from "./providers/settings.ts";
export { createRegistry, RegistryError, type RegistryOptions } from "./registry.ts";
