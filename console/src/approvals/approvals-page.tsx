import type { ApprovalStatus } from "@mandate/client";
import { useApprovals } from "@mandate/react";
import { SegmentedControl, Stack } from "@mantine/core";
import { useState } from "react";
import { IconCheck } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Page } from "../shell/page";
import { ApprovalCard } from "./approval-card";

const EMPTY: Record<ApprovalStatus, [string, string]> = {
  pending: [
    "Nothing waits for you",
    "Orders above a mandate's line come here, and you decide about each of them.",
  ],
  approved: ["Nothing approved yet", "Orders you said yes to are listed here."],
  rejected: ["Nothing rejected", "Orders you said no to are listed here."],
  expired: ["Nothing expired", "Orders that waited too long are listed here; they were not sent."],
};

/** Orders that wait for the person, and those that did. */
export default function ApprovalsPage() {
  const [status, setStatus] = useState<ApprovalStatus>("pending");
  const approvals = useApprovals(status);
  const [title, text] = EMPTY[status];
  return (
    <Page
      title="Approvals"
      lead="You approve exactly the order you see. If anything in it changed, it would ask again."
    >
      <SegmentedControl
        mb="md"
        aria-label="Which approvals"
        value={status}
        onChange={(value) => setStatus(value as ApprovalStatus)}
        data={[
          { value: "pending", label: "Waiting" },
          { value: "approved", label: "Approved" },
          { value: "rejected", label: "Rejected" },
          { value: "expired", label: "Expired" },
        ]}
      />
      <Loaded
        query={approvals}
        empty={
          <div className="surface">
            <NoticeBox icon={<IconCheck size={32} />} title={title}>
              {text}
            </NoticeBox>
          </div>
        }
      >
        {(items) => (
          <Stack>
            {items.map((one) => (
              <ApprovalCard key={one.approval_id} approval={one} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
