/** The WebSocket subprotocol that names the version of every frame. */
export const subprotocol = "trueline.v1";
