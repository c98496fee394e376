import { Alert } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { IconOffline } from "../parts/icons";

/** Says that what is shown may be old. */
export function OfflineBanner() {
  const { online } = useNetwork();
  if (online !== false) return null;
  return (
    <Alert color="yellow" mb="md" icon={<IconOffline />} title="You are offline" role="status">
      What you see may be old. It is read again when the line is back.
    </Alert>
  );
}
