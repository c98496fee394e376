import { MandateError } from "@mandate/client";
import { notifications } from "@mantine/notifications";
import { plainWords } from "./plain-words";

/** Runs an act and tells how it went. True where it worked; silent where the person changed their mind. */
export async function tell(act: () => Promise<unknown>, good: string, bad: string): Promise<boolean> {
  try {
    await act();
  } catch (error) {
    if (error instanceof MandateError && error.code === "step_up_cancelled") return false;
    notifications.show({ color: "red", title: bad, message: plainWords(error), autoClose: 8000 });
    return false;
  }
  if (good !== "") notifications.show({ color: "sea", title: good, message: "" });
  return true;
}
