/** Traces from the frame to the model call, as a collector receives them (HC1). */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { openGateway } from "./support/gateway.ts";

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

it("HC1: a message's trace goes from its frame, or its HTTP call, over the run to the model call", async () => {
  const spans: Span[] = [];
  const collector = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(await text(request));
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.end("{}");
  });
  onTestFinished(() => void collector.close());
  await once(collector.listen(0, "127.0.0.1"), "listening");
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;

  const { gateway, call, login, connect } = await openGateway({ tracesEndpoint: endpoint });
  const token = (await login()).accessToken;
  const tab = await connect(token);
  tab.send({ type: "send", id: "m-1", text: "What is 6*7?" });
  await tab.next("agent_completed");
  await call("/v1/threads/new/messages", { token, body: { id: "m-2", text: "What is 7*7?" } });
  await tab.next("agent_completed");
  await gateway.close();

  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (span: Span | undefined): string =>
    span ? [pathOf(byId.get(span.parentSpanId ?? "")), span.name].filter(Boolean).join(" → ") : "";
  const paths = spans.map(pathOf);
  expect(paths).toContain("trueline.frame → trueline.run → trueline.step");
  expect(paths).toContain("trueline.frame → trueline.run → trueline.tool");
  expect(paths).toContain("trueline.http.sendMessage → trueline.run → trueline.step");
  expect(JSON.stringify(spans)).not.toContain("6*7");
});
