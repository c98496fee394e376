import type { MandateError, StepUpPrompt, StepUpProof } from "@mandate/client";

export interface StepUpRequest {
  error?: MandateError;
  answer: (proof: StepUpProof | null) => void;
}

let show: ((request: StepUpRequest | undefined) => void) | undefined;

/** Called by the client when an act needs a proof; the dialog that is mounted asks for it. */
export const stepUpPrompt: StepUpPrompt = {
  ask: (attempt) =>
    new Promise((answer) => {
      if (show) show({ ...attempt, answer });
      else answer(null);
    }),
  done: () => show?.(undefined),
};

/** The dialog says where to ask; the returned function takes that back. */
export function answerStepUp(listener: (request: StepUpRequest | undefined) => void): () => void {
  show = listener;
  return () => {
    if (show === listener) show = undefined;
  };
}
