import { useSession } from "@mandate/react";
import { Button, Center, Loader } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { AuthPage } from "./auth/auth-page";
import { spendLinkToken } from "./auth/link-token";
import { IconOffline } from "./parts/icons";
import { NoticeBox } from "./parts/notice-box";
import { plainWords } from "./parts/plain-words";

const SignedIn = lazy(() => import("./signed-in"));

/** Decides by the session what is shown: a moment's wait, the way in, or the console. */
export function App() {
  const { status, subject, retry } = useSession();
  const link = useLoginLink();
  if (status === "starting" || link.busy) return <Waiting />;
  if (status === "unreachable") {
    return (
      <Center mih="100vh" component="main">
        <NoticeBox
          icon={<IconOffline size={36} />}
          title="The server cannot be reached"
          role="status"
          action={<Button onClick={retry}>Try again</Button>}
        >
          You stay signed in. This page tries again every few seconds.
        </NoticeBox>
      </Center>
    );
  }
  if (status === "signed-out") return <AuthPage linkError={link.error} />;
  return (
    <Suspense fallback={<Waiting />}>
      {/* Another person begins anew: nothing of the one before stays on the page. */}
      <SignedIn key={subject} />
    </Suspense>
  );
}

function Waiting() {
  return (
    <Center mih="100vh" component="main" aria-busy="true">
      <Loader aria-label="Loading" />
    </Center>
  );
}

/** Redeems the one-time link that opened this page, if one did. */
function useLoginLink(): { busy: boolean; error?: string } {
  const { status, redeemLink } = useSession();
  const token = useRef<string>(undefined);
  token.current ??= spendLinkToken();
  const started = useRef(false);
  const [state, setState] = useState<{ busy: boolean; error?: string }>({
    busy: token.current !== undefined,
  });
  useEffect(() => {
    if (token.current === undefined || status === "starting" || started.current) return;
    started.current = true;
    redeemLink(token.current).then(
      () => setState({ busy: false }),
      (error: unknown) => setState({ busy: false, error: plainWords(error) }),
    );
  }, [status, redeemLink]);
  return state;
}
