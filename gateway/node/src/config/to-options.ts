/** A checked configuration as the options of `createGateway`. Reads the secrets that it names from the environment. */
import { createModel, defineAgent, type ModelSettings, offlineAgent } from "@trueline/agents";
import type { Agent, Model } from "@trueline/server";
import type { OidcOptions } from "../auth/oidc.ts";
import type { GatewayOptions, OwnAccounts } from "../options.ts";
import type { AgentConfig, Config, ModelConfig } from "./schema.ts";

export function gatewayOptions(
  config: Config,
  environment: NodeJS.ProcessEnv,
): GatewayOptions & { accounts: OwnAccounts } {
  const { data, synchronous, limits, access, origins, trustedProxies, pages, logLevel, tracesEndpoint } =
    config;
  const metricsToken = secret(config.metricsTokenEnv, environment);
  return {
    store: { directory: data, synchronous },
    accounts: accountsOf(config, environment),
    agents: agentsOf(config, environment),
    limits,
    access,
    origins,
    trustedProxies,
    pages,
    log: logLevel,
    objectives: config.objectives,
    ...(metricsToken === undefined ? {} : { metricsToken }),
    ...(tracesEndpoint === undefined ? {} : { tracesEndpoint }),
  };
}

function accountsOf({ demo, administrator, oidc }: Config, environment: NodeJS.ProcessEnv): OwnAccounts {
  return {
    demo,
    ...(administrator === undefined ? {} : { administrator }),
    ...(oidc === undefined ? {} : { oidc: oidcOf(oidc, environment) }),
  };
}

function oidcOf(oidc: NonNullable<Config["oidc"]>, environment: NodeJS.ProcessEnv): OidcOptions {
  const { clientSecretEnv, name, ...options } = oidc;
  const clientSecret = secret(clientSecretEnv, environment);
  return {
    ...options,
    ...(name === undefined ? {} : { name }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
}

/** The default agent comes first. None configured: the built-in one, which needs no key. */
function agentsOf({ agents, models }: Config, environment: NodeJS.ProcessEnv): readonly Agent[] {
  if (agents.length === 0) return [offlineAgent()];
  const byName = new Map(models.map((model) => [model.name, modelOf(model, environment)]));
  const inOrder = [...agents.filter((agent) => agent.default), ...agents.filter((agent) => !agent.default)];
  return inOrder.map((agent) => agentOf(agent, byName.get(agent.model)));
}

/** Without a model of the table it is the built-in one: the configuration was checked for that. */
function agentOf({ name, description, instructions }: AgentConfig, model: Model | undefined): Agent {
  if (!model) return { ...offlineAgent(), name, description };
  return defineAgent({ name, description, instructions, model });
}

function modelOf(
  { name: _name, apiKeyEnv, ...settings }: ModelConfig,
  environment: NodeJS.ProcessEnv,
): Model {
  const apiKey = secret(apiKeyEnv, environment);
  return createModel({ ...settings, ...(apiKey === undefined ? {} : { apiKey }) } as ModelSettings);
}

const secret = (variable: string | undefined, environment: NodeJS.ProcessEnv): string | undefined =>
  variable === undefined ? undefined : environment[variable];
