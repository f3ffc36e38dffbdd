import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createAlerts,
  createProbe,
  type Probe,
  tellOfWalk,
  type WebhookFormat,
  watch,
} from "@trueline/probe";
import type { ProbeReport } from "@trueline/protocol";
import { expect, it, onTestFinished } from "vitest";
import { accounts, type Faults, startWireServer } from "./support/wire-server.ts";

/** A webhook that answers with the given statuses in turn, then with 200. */
async function receiver(statuses: readonly number[] = []) {
  const bodies: Record<string, unknown>[] = [];
  const left = [...statuses];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const status = left.shift() ?? 200;
    if (status === 200) bodies.push(JSON.parse(text));
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-part` };
}

function alertsTo(url: string, format: WebhookFormat = "json") {
  const troubles: string[] = [];
  const onTrouble = ({ message }: Error) => void troubles.push(message);
  const alerts = createAlerts({ webhooks: [{ url, format }], onTrouble, attempts: 3, retryMs: 1 });
  onTestFinished(() => alerts.close());
  return { alerts, troubles };
}

const report = (outcome: ProbeReport["outcome"], more: Partial<ProbeReport> = {}): ProbeReport => ({
  ...{ outcome, message: "events: event 7 came where 6 was due", url: "http://gateway", durationMs: 1 },
  ...{ at: new Date(0).toISOString(), legs: [], ...more },
});

it("HC2: an alert comes once when the walk begins to fail, and once when it passes again", async () => {
  const { url, bodies } = await receiver();
  const { alerts } = alertsTo(url);
  const outcomes = ["pass", "fail", "inconclusive", "fail", "pass", "pass", "fail"] as const;
  for (const outcome of outcomes) tellOfWalk(alerts, report(outcome));
  await alerts.settled();
  expect(bodies.map(({ state }) => state)).toEqual(["firing", "resolved", "firing"]);
  expect(bodies[0]).toMatchObject({
    key: "probe http://gateway",
    title: "The golden path is broken: http://gateway",
  });
  expect(bodies[0]?.text).toContain("event 7 came where 6 was due");
});

it("HC2: a restart that was announced is no alert, and no recovery", async () => {
  const { url, bodies } = await receiver();
  const { alerts } = alertsTo(url);
  const restart = report("inconclusive", { code: "going_away" });
  for (const walk of [restart, report("fail"), restart, report("fail")]) tellOfWalk(alerts, walk);
  await alerts.settled();
  expect(bodies.map(({ state }) => state)).toEqual(["firing"]);
});

it("HC2: a webhook that does not take an alert gets it again, and the next one only after it", async () => {
  const { url, bodies } = await receiver([500, 429]);
  const { alerts, troubles } = alertsTo(url);
  tellOfWalk(alerts, report("fail"));
  tellOfWalk(alerts, report("pass"));
  await alerts.settled();
  expect(bodies.map(({ state }) => state)).toEqual(["firing", "resolved"]);
  expect(troubles).toEqual([]);
});

it("HC2, AU5: an alert that is given up is told, without the secret of its address", async () => {
  const { url } = await receiver([500, 500, 500]);
  const { alerts, troubles } = alertsTo(url);
  tellOfWalk(alerts, report("fail"));
  await alerts.settled();
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain("it answered 500");
  expect(troubles[0]).not.toContain("secret-part");
});

it("HC2: Slack and Teams get what they show", async () => {
  const [slack, teams] = [await receiver(), await receiver()];
  for (const [to, format] of [
    [slack, "slack"],
    [teams, "teams"],
  ] as const) {
    const { alerts } = alertsTo(to.url, format);
    tellOfWalk(alerts, report("fail"));
    await alerts.settled();
  }
  expect(String(slack.bodies[0]?.text)).toContain("*The golden path is broken: http://gateway*");
  expect(teams.bodies[0]).toMatchObject({ type: "message" });
  expect(JSON.stringify(teams.bodies[0])).toContain("AdaptiveCard");
});

it("HC2: a watch walks again and again, and what goes wrong around a walk does not end it", async () => {
  let faults: Faults = {};
  const server = await startWireServer({ live: (events) => faults.live?.(events) ?? events });
  onTestFinished(() => server.close());
  const outcomes: string[] = [];
  const troubles: unknown[] = [];
  const probe: Probe = createProbe({ url: server.url, accounts });
  await new Promise<void>((resolve) => {
    const watching = watch({
      probe: () => {
        if (outcomes.length === 1 && troubles.length === 0) throw new Error("no accounts yet");
        return probe;
      },
      everyMs: 1,
      onReport({ outcome }) {
        outcomes.push(outcome);
        faults = outcomes.length === 1 ? { live: (events) => events.filter(({ seq }) => seq % 8 !== 6) } : {};
        if (outcomes.length === 3) void watching.stop().then(resolve);
      },
      onTrouble: (error) => void troubles.push(error),
    });
  });
  expect(outcomes).toEqual(["pass", "fail", "pass"]);
  expect(troubles).toEqual([new Error("no accounts yet")]);
});
