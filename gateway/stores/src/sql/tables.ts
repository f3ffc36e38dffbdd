/** The columns of every table that kysely queries use, the same in every database. An area adds its tables here. */
import type { Generated } from "kysely";

export interface Tables extends RecordsTables {}

export interface RecordsTables {
  threads: {
    /** Rises with every row: the order in which things happened, whatever the clock did. */
    number: Generated<number>;
    owner: string;
    id: string;
    title: string;
    created_at: number;
    updated_at: number;
  };
  messages: {
    number: Generated<number>;
    owner: string;
    id: string;
    thread_id: string;
    role: "user" | "agent";
    text: string;
    run_id: string;
    client_id: string | null;
    created_at: number;
  };
  runs: {
    number: Generated<number>;
    owner: string;
    id: string;
    thread_id: string;
    message_id: string;
    agent: string;
    state: string;
    log_seq: number;
    takeovers: number;
    /** JSON of a `RunOutcome`. */
    outcome: string | null;
    created_at: number;
    ended_at: number | null;
  };
  transcripts: {
    owner: string;
    run_id: string;
    place: number;
    /** JSON of a `TranscriptEntry`. */
    entry: string;
  };
  usage: {
    owner: string;
    run_id: string;
    created_at: number;
    input_tokens: number;
    output_tokens: number;
    cost_usd: number | null;
  };
}
