/** The probe against gateways that are broken, each in one way: the judgement names the leg and what was wrong. */
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { type Budgets, createProbe, type ProbeOptions } from "@trueline/probe";
import type { ProbeReport } from "@trueline/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { accounts, type Draft, type Faults, type SentEvent, startWireServer } from "./support/wire-server.ts";

/** No fault of a busy machine. */
const patient: Budgets = { connectMs: 20_000, firstEventMs: 20_000, answerMs: 20_000, otherMs: 20_000 };

async function walk(faults: Faults, options: Partial<ProbeOptions> = {}): Promise<ProbeReport> {
  const server = await startWireServer(faults);
  onTestFinished(() => server.close());
  return createProbe({ url: server.url, accounts, budgets: patient, ...options }).run();
}

const failedLegs = ({ legs }: ProbeReport) => legs.filter(({ ok }) => !ok).map(({ name }) => name);
const detailOf = ({ legs }: ProbeReport, name: string) => legs.find((leg) => leg.name === name)?.detail;
const without = (seq: number) => (events: readonly SentEvent[]) =>
  events.filter((event) => event.seq !== seq);
const twice = (seq: number) => (events: readonly SentEvent[]) =>
  events.flatMap((event) => (event.seq === seq ? [event, event] : [event]));

it("HC2: a gateway that keeps the contract passes every leg", async () => {
  const report = await walk({});
  expect(report.message).toBe("all 9 legs hold");
  expect(report.outcome).toBe("pass");
  expect(report.legs.map(({ name }) => name)).toEqual([
    ...["login", "connect", "send", "first_event", "events", "answer", "resume", "isolation", "cleanup"],
  ]);
});

it("HC2: gathered frames and merged deltas are the same events", async () => {
  const merged = (events: readonly SentEvent[]) => [
    events.flatMap((event) => {
      if (event.type !== "text_delta") return [event];
      if (event.seq % 2 === 0) return [];
      return [{ ...event, firstSeq: event.seq - 1, data: { text: "17 * 23 = 391" } }];
    }),
  ];
  const report = await walk({ live: merged, replay: merged });
  expect(report.message).toBe("all 9 legs hold");
});

describe("HC2: the order of events", () => {
  const swapped = (events: readonly SentEvent[]) =>
    events.map((event, index) => (index === 5 ? events[6] : index === 6 ? events[5] : event)) as SentEvent[];
  const cases: readonly [string, Faults, string][] = [
    ["one lost", { live: without(6) }, "event 7 (text_delta) came where 6 was due: 6 is missing or late"],
    [
      "several lost",
      { live: (events) => events.filter(({ seq }) => seq < 4 || seq > 6) },
      "4 to 6 are missing",
    ],
    ["one doubled", { live: twice(6) }, "event 6 (text_delta) came where 7 was due: it came before, or late"],
    ["two swapped", { live: swapped }, "event 7 (text_delta) came where 6 was due"],
    [
      "a frame that is not JSON",
      { live: (events) => [...events, "" as unknown as object] },
      "without a type",
    ],
    ["a reset in between", { live: (events) => [reset, ...events] }, "reset (fell_behind)"],
    [
      "a range with a hole",
      {
        live: (events) =>
          events.flatMap((event) =>
            event.seq === 6 ? [] : [{ ...event, ...(event.seq === 7 ? { firstSeq: 7 } : {}) }],
          ),
      },
      "6 is missing",
    ],
  ];
  const reset = { type: "reset", position: { epoch: "epoch-1", seq: 0 }, reason: "fell_behind" };
  it.each(cases)("HC2: %s fails the leg of the events", async (_, faults, detail) => {
    const report = await walk(faults);
    expect(report.outcome).toBe("fail");
    expect(failedLegs(report)[0]).toBe("events");
    expect(detailOf(report, "events")).toContain(detail);
    expect(report.message).toContain(detail);
  });
});

describe("HC2: the contract of a run", () => {
  const at = (index: number, draft: Draft) => (drafts: readonly Draft[]) => drafts.toSpliced(index, 0, draft);
  const cases: readonly [string, Faults["append"], string][] = [
    ["thinking before its start", at(1, { type: "agent_thinking", data: {} }), "came before agent_started"],
    ["two starts", at(2, { type: "agent_started", data: {} }), "agent_started 3 came a second time"],
    ["two ends", at(8, { type: "agent_failed", data: {} }), "agent_failed 9 came after the end of its run"],
    [
      "an answer to no call",
      at(3, { type: "tool_completed", data: { callId: "x" } }),
      "answers no tool_executing",
    ],
    ["a call without an answer", (drafts) => drafts.toSpliced(4, 1), "tool call c1 was not answered"],
    [
      "deltas that are not the answer",
      (drafts) => drafts.toSpliced(6, 1),
      "not what its text_deltas come to",
    ],
  ];
  it.each(cases)(
    "HC2: %s fails the leg of the events, though no seq is missing",
    async (_, append, detail) => {
      const report = await walk(append ? { append } : {});
      expect(report.outcome).toBe("fail");
      expect(failedLegs(report)[0]).toBe("events");
      expect(detailOf(report, "events")).toContain(detail);
    },
  );
});

describe("HC2: what never comes", () => {
  const until = (type: string) => (events: readonly SentEvent[]) =>
    events.slice(
      0,
      events.findIndex((event) => event.type === type),
    );
  const cases: readonly [string, Faults, string, keyof Budgets, string][] = [
    ["no welcome", { noWelcome: true }, "connect", "connectMs", "welcome did not come in time"],
    ["no ack", { noAck: true }, "send", "otherMs", "ack did not come in time"],
    ["no start", { live: until("agent_started") }, "first_event", "firstEventMs", "first event of the run"],
    ["no end", { live: until("agent_completed") }, "answer", "answerMs", "terminal event of the run"],
  ];
  it.each(cases)("HC2: %s fails its leg when its budget is over", async (_, faults, leg, budget, detail) => {
    const report = await walk(faults, { budgets: { ...patient, [budget]: 1_500 } });
    expect(report.outcome).toBe("fail");
    expect(failedLegs(report)[0]).toBe(leg);
    expect(detailOf(report, leg)).toContain(detail);
  });

  it("HC2: a leg that is over budget fails, though it came in the end", async () => {
    const report = await walk({}, { budgets: { ...patient, connectMs: 0.001 } });
    expect(failedLegs(report)[0]).toBe("connect");
  });
});

describe("HC2: a socket that closes in the middle", () => {
  it("HC2: fails the leg that was waiting, with the code", async () => {
    const report = await walk({ close: { after: "tool_executing", code: 4003 } });
    expect(report.outcome).toBe("fail");
    expect(failedLegs(report)[0]).toBe("answer");
    expect(detailOf(report, "answer")).toContain("closed the socket (code 4003) before terminal event");
  });

  it("HC2: says nothing about a gateway that said that it restarts", async () => {
    const frame = { type: "going_away", reconnectAfterMs: 10 };
    const report = await walk({ close: { after: "tool_executing", code: 4000, frame } });
    expect(report).toMatchObject({ outcome: "inconclusive", code: "going_away" });
  });
});

it("HC2: a run that fails is told with its code", async () => {
  const failed = {
    type: "agent_failed",
    data: { code: "model_error", message: "No model.", retryable: true },
  };
  const report = await walk({ append: (drafts) => drafts.with(7, failed) });
  expect(failedLegs(report)[0]).toBe("answer");
  expect(detailOf(report, "answer")).toBe("the run failed: model_error, No model.");
});

describe("HC2: isolation", () => {
  const cases: readonly [string, Faults, string][] = [
    ["another user's event", { leak: (events) => events.slice(5, 6) }, "two@example.com received a run of"],
    [
      "another user's words alone",
      { leak: ([first]) => [{ type: "note", text: first?.data.text }] },
      "received the words",
    ],
    ["another user's thread over HTTP", { openToAll: true }, "was answered 200, not 404"],
    ["that an id of another exists", { answer: forbidding }, "was answered 403, not 404"],
    ["another user's thread in a list", { answer: listing }, "threads hold the first one's"],
    [
      "a gap in the log of the second user",
      { leak: () => [strange] },
      "event 5 (text_delta) came where 1 was due",
    ],
  ];
  const strange = {
    type: "text_delta",
    seq: 5,
    at: new Date(0).toISOString(),
    threadId: "t",
    runId: "r",
    data: {},
  };
  it.each(cases)("HC2: %s fails the leg of isolation", async (_, faults, detail) => {
    const report = await walk(faults);
    expect(report.outcome).toBe("fail");
    expect(failedLegs(report)).toEqual(["isolation"]);
    expect(detailOf(report, "isolation")).toContain(detail);
  });

  function forbidding(call: string, user: string) {
    if (user !== "two@example.com" || !call.startsWith("GET /v1/runs/run-")) return undefined;
    return { status: 403, body: { error: { code: "forbidden", message: "Not yours." } } };
  }
  function listing(call: string, user: string) {
    if (user !== "two@example.com" || call !== "GET /v1/threads") return undefined;
    const at = new Date(0).toISOString();
    const thread = { id: "thread-1", title: "t", createdAt: at, updatedAt: at };
    return { status: 200, body: { threads: [thread], position: { epoch: "e", seq: 0 } } };
  }
});

describe("HC2: resume", () => {
  /** Of the one case in which nothing more comes: the leg's budget is their sum. */
  const waiting = { connectMs: 1_500, answerMs: 1_500, otherMs: 1_500 };
  const cases: readonly [string, Faults, string][] = [
    ["one lost", { replay: without(12) }, "after the drop: event 13"],
    ["one doubled", { replay: twice(12) }, "event 12 (tool_executing) came where 13 was due"],
    [
      "all again",
      { replay: (events) => events.map((event) => ({ ...event, seq: event.seq - 1 })) },
      "came where 11 was due",
    ],
    ["live at the head", { resumed: "live" }, "it went on live: what came during the drop is lost"],
    [
      "a reset",
      { resumed: "reset" },
      "reset (too_old) instead of what followed a position that was just given; nothing is lost",
    ],
    ["no end", { replay: (events) => events.slice(0, 2) }, "end of the second run did not come in time"],
  ];
  it.each(cases)(
    "HC2: %s after the drop fails the leg of resume, and no other",
    async (_, faults, detail) => {
      const report = await walk(faults, { budgets: { ...patient, ...waiting } });
      expect(report.outcome).toBe("fail");
      expect(failedLegs(report)).toEqual(["resume"]);
      expect(detailOf(report, "resume")).toContain(detail);
    },
  );
});

it("HC2: a thread that stays after its deletion fails the cleanup", async () => {
  const pretend = { status: 204, body: undefined };
  const answer = (call: string, user: string) =>
    call.startsWith("DELETE") && user === "one@example.com" ? pretend : undefined;
  expect(failedLegs(await walk({ answer }))).toEqual(["cleanup"]);
});

describe("HC2: what is not a gateway is inconclusive, and says what it is", () => {
  it("HC2: nothing listens there", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const report = await createProbe({ url: `http://127.0.0.1:${port}` }).run();
    expect(report).toMatchObject({ outcome: "inconclusive", code: "unreachable" });
    expect(report.message).toContain("ECONNREFUSED");
    expect(report.legs.map(({ name }) => name)).toEqual(["login"]);
  });

  it("HC2: it takes connections and never answers", async () => {
    const server = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const report = await createProbe({ url: `http://127.0.0.1:${port}`, budgets: { otherMs: 300 } }).run();
    expect(report).toMatchObject({ outcome: "inconclusive", code: "unreachable" });
    expect(report.message).toContain("no answer in time");
  });

  const answers: readonly [string, number, unknown, string][] = [
    ["a plain HTTP server", 200, "hello", "not_a_gateway"],
    ["another API", 404, { message: "no route" }, "not_a_gateway"],
    ["a login of another kind", 200, { token: "x" }, "not_a_gateway"],
    ["a proxy without its gateway", 502, "bad gateway", "unreachable"],
  ];
  it.each(answers)("HC2: %s", async (_, status, body, code) => {
    const report = await walk({ answer: () => ({ status, body }) });
    expect(report).toMatchObject({ outcome: "inconclusive", code });
  });

  const refusal = { status: 401, body: { error: { code: "invalid_credentials", message: "Wrong." } } };
  it("HC2: the demo's users are not there, and no others were given", async () => {
    const server = await startWireServer({ answer: () => refusal });
    onTestFinished(() => server.close());
    expect(await createProbe({ url: server.url }).run()).toMatchObject({
      outcome: "inconclusive",
      code: "no_accounts",
    });
  });

  it("HC2: but accounts that were given and are refused are a failure", async () => {
    const report = await walk({ answer: () => refusal });
    expect(report.outcome).toBe("fail");
    expect(report.message).toContain(
      "login: one@example.com: POST /v1/auth/login was refused: invalid_credentials",
    );
  });
});

it("HC2: mistakes of the options are told together, before anything is tried", () => {
  expect(() => createProbe({ url: "ftp://x", budgets: { connectMs: -1 } })).toThrow(
    /url: .*\n.*budgets.connectMs/s,
  );
  expect(() => createProbe({ url: "https://chat.example.com" })).toThrow(
    /give two users of chat.example.com/,
  );
  const [one] = accounts;
  expect(() => createProbe({ url: "http://localhost", accounts: [one, { ...one }] })).toThrow(/given twice/);
});
