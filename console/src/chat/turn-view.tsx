import type { Command } from "@mandate/client";
import type { Turn } from "@mandate/react";
import { Alert, Text, VisuallyHidden } from "@mantine/core";
import type { Applied } from "../chart/apply-command";
import { IconAlert, IconChart } from "../parts/icons";
import classes from "./chat.module.css";
import { DecisionCard } from "./decision-card";
import { describeCommand } from "./describe-command";

/** One message: its words, what it did to the chart, what became of its orders. */
export function TurnView({
  turn,
  name,
  outcome,
}: {
  turn: Turn;
  name: string;
  outcome: (command: Command) => Applied | undefined;
}) {
  if (turn.role === "user") {
    return (
      <div className={`${classes.turn} ${classes.user}`}>
        <VisuallyHidden>You: </VisuallyHidden>
        {turn.text}
      </div>
    );
  }
  const waiting = (turn.state === "sending" || turn.state === "streaming") && turn.text === "";
  return (
    <div className={`${classes.turn} ${classes.assistant}`} data-state={turn.state}>
      <VisuallyHidden>{name}: </VisuallyHidden>
      {waiting && (
        <Text c="dimmed" role="status">
          <span className={classes.pulse} aria-hidden="true" /> thinking
        </Text>
      )}
      {turn.text !== "" && <div className={classes.text}>{turn.text}</div>}
      {turn.commands.map((command, at) => {
        const said = outcome(command)?.said ?? describeCommand(command);
        return said ? <CommandNote key={at} said={said} done={outcome(command)?.done !== false} /> : null;
      })}
      {turn.decisions.map((decision) => (
        <DecisionCard
          key={decision.decision_id}
          decision={decision}
          wish={turn.commands[Number(decision.decision_id.split(":")[1] ?? Number.NaN)]?.parameters}
        />
      ))}
      {turn.error && (
        <Alert color="red" icon={<IconAlert />} py="xs" role="alert">
          {turn.error.detail}
        </Alert>
      )}
    </div>
  );
}

function CommandNote({ said, done }: { said: string; done: boolean }) {
  return (
    <span className={classes.command} data-done={done}>
      {done ? <IconChart size={14} /> : <IconAlert size={14} />}
      {said}
    </span>
  );
}
