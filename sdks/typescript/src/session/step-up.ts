import { MandateError } from "../mandate-error.js";
import type { TokenAnswer } from "../types/account.js";

/** How a person proves again who they are. */
export type StepUpProof = { password: string } | { code: string };

/** How the application asks its person for a proof. */
export interface StepUpPrompt {
  /** `error` says why the proof before was refused. Answer null to give up. */
  ask: (attempt: { error?: MandateError }) => Promise<StepUpProof | null>;
  /** The last proof was good, or the server could not judge it: stop asking. */
  done?: () => void;
}

/** Asks once for all calls that need it at the same time, until the proof is good or the person gives up. */
export class StepUp {
  readonly #prompt: StepUpPrompt | undefined;
  readonly #prove: (proof: StepUpProof) => Promise<TokenAnswer>;
  #flight: Promise<void> | undefined;

  constructor(prompt: StepUpPrompt | undefined, prove: (proof: StepUpProof) => Promise<TokenAnswer>) {
    this.#prompt = prompt;
    this.#prove = prove;
  }

  run(): Promise<void> {
    this.#flight ??= this.#run().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #run(): Promise<void> {
    let error: MandateError | undefined;
    for (;;) {
      const proof = (await this.#prompt?.ask(error ? { error } : {})) ?? null;
      if (proof === null) {
        throw new MandateError({
          status: 401,
          code: "step_up_cancelled",
          detail: "this needs your password again",
        });
      }
      try {
        await this.#prove(proof);
        this.#prompt?.done?.();
        return;
      } catch (caught) {
        if (!(caught instanceof MandateError) || caught.code === "signed_out") {
          this.#prompt?.done?.();
          throw caught;
        }
        error = caught;
      }
    }
  }
}
