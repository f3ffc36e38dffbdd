/** What anybody may know of this gateway. Asked before there is a user, so not through the client. */
import type { InfoResponse } from "@trueline/client";

export async function loadInfo(): Promise<InfoResponse> {
  const response = await fetch("/v1/info", { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`/v1/info answered ${response.status}`);
  return response.json();
}
