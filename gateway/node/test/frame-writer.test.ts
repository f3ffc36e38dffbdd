/** Text in, bytes of the WebSocket protocol out. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { textFrame, writeFrames } from "../src/socket/frame-writer.ts";

it("RS4: the header says the length of the UTF-8 text, in each of its three forms", () => {
  const forms: readonly (readonly [string, number[]])[] = [
    ["", [0x81, 0]],
    ["a".repeat(125), [0x81, 125]],
    ["a".repeat(126), [0x81, 126, 0, 126]],
    ["é".repeat(63), [0x81, 126, 0, 126]],
    ["a".repeat(65_535), [0x81, 126, 0xff, 0xff]],
    ["a".repeat(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ];
  for (const [text, header] of forms) {
    const frame = textFrame(text);
    expect([...frame.subarray(0, header.length)]).toEqual(header);
    expect(frame.subarray(header.length).toString("utf8")).toBe(text);
  }
});

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [accepted] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return [accepted, client];
}

it.each([10, 5_000])("RS4: several frames of %i characters arrive whole and in order", async (size) => {
  const [sender, receiver] = await socketPair();
  const frames = Array.from({ length: 8 }, (_, index) => textFrame(String(index).repeat(size)));
  const wanted = Buffer.concat(frames);
  const chunks: Buffer[] = [];
  receiver.on("data", (chunk) => chunks.push(chunk));
  writeFrames(sender, frames);
  writeFrames(sender, []);
  sender.end();
  await once(receiver, "end");
  expect(Buffer.concat(chunks).equals(wanted)).toBe(true);
});
