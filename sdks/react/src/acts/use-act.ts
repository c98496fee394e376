import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

/** A change on the server, after which what it may have touched is read again. */
export function useAct<Input, Output>(act: (input: Input) => Promise<Output>, touches: readonly QueryKey[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => Promise.all(touches.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
