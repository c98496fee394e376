import type { Command } from "@mandate/client";
import { useSymbols } from "@mandate/react";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type Applied, applyCommand } from "./apply-command";
import { FIRST_VIEW, type View } from "./view";

interface ChartView {
  view: View;
  setView: (change: (view: View) => View) => void;
  /** Obeys an agent's command and says what it did; undefined where the command is not for the chart. */
  obey: (command: Command) => Applied | undefined;
}

const Context = createContext<ChartView | null>(null);
const KEPT = "mandate-chart";

/** Keeps what the chart shows, over screens and visits. */
export function ChartViewProvider({ children }: { children: ReactNode }) {
  const [view, set] = useState<View>(read);
  const symbols = useSymbols().data;
  const now = useRef(view);
  const setView = useCallback((change: (view: View) => View) => {
    now.current = change(now.current);
    set(now.current);
  }, []);
  useEffect(() => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(view));
    } catch {
      // Private windows may refuse: the chart then begins anew.
    }
  }, [view]);
  const obey = useCallback(
    (command: Command) => {
      const known = symbols?.map((one) => one.symbol) ?? [];
      const applied = applyCommand(now.current, command, known);
      if (applied?.done) setView(() => applied.view);
      return applied;
    },
    [symbols, setView],
  );
  const value = useMemo(() => ({ view, setView, obey }), [view, setView, obey]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useChartView(): ChartView {
  const value = useContext(Context);
  if (value === null) throw new Error("this needs a <ChartViewProvider> above it");
  return value;
}

function read(): View {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<View> | null;
    if (kept && typeof kept.symbol === "string" && Array.isArray(kept.indicators))
      return { ...FIRST_VIEW, ...kept };
  } catch {
    // Unreadable: begin anew.
  }
  return FIRST_VIEW;
}
