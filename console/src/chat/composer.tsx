import { ActionIcon, Textarea } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { IconCross, IconSend } from "../parts/icons";
import classes from "./chat.module.css";

/** Where one writes. Enter sends, Shift+Enter begins a line. */
export function Composer({
  disabled,
  busy,
  onSend,
  onStop,
}: {
  disabled: boolean;
  busy: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}) {
  const [text, setText] = useState("");
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    const said = text.trim();
    if (said === "" || busy || disabled) return;
    onSend(said);
    setText("");
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form className={classes.composer} onSubmit={send}>
      <Textarea
        aria-label="Message"
        placeholder="Write to your agent"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={typed}
        autosize
        minRows={1}
        maxRows={6}
        flex={1}
        maxLength={8000}
        disabled={disabled}
      />
      {busy ? (
        <ActionIcon size={36} variant="default" onClick={onStop} aria-label="Stop the answer">
          <IconCross />
        </ActionIcon>
      ) : (
        <ActionIcon size={36} type="submit" aria-label="Send" disabled={disabled || text.trim() === ""}>
          <IconSend size={18} />
        </ActionIcon>
      )}
    </form>
  );
}
