import type { ReactNode } from "react";

/** Line icons, 20 px; decoration only: the words beside them or the label of the button say what they mean. */
function icon(paths: ReactNode) {
  return function Icon({ size = 20 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {paths}
      </svg>
    );
  };
}

export const IconHome = icon(<path d="M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z" />);
export const IconWallet = icon(
  <path d="M4 7h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zm0 0l11-3v3M16 13h1" />,
);
export const IconShield = icon(<path d="M12 3l8 3v6c0 4.5-3.2 7.7-8 9-4.8-1.3-8-4.5-8-9V6zM9 12l2 2 4-4" />);
export const IconCheck = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const IconClock = icon(<path d="M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM12 7v5l3.5 2" />);
export const IconList = icon(<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />);
export const IconPie = icon(<path d="M12 3v9h9a9 9 0 1 1-9-9zM16 3.9A9 9 0 0 1 20.1 8H16z" />);
export const IconDevices = icon(<path d="M3 6h13v9H3zM2 19h11M17 10h4v9h-4z" />);
export const IconScroll = icon(<path d="M6 3h10a2 2 0 0 1 2 2v16l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6" />);
export const IconSettings = icon(
  <path d="M4 7h9m4 0h3M4 17h3m4 0h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z" />,
);
export const IconStop = icon(<path d="M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM12 8v5M12 16h.01" />);
export const IconPlay = icon(<path d="M7 5l12 7-12 7z" />);
export const IconUser = icon(<path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0" />);
export const IconSun = icon(
  <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4m11.2 11.2L19 19M5 19l1.4-1.4M17.6 6.4L19 5" />,
);
export const IconMoon = icon(<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z" />);
export const IconSend = icon(<path d="M4 12L20 4l-5 16-3.5-6.5z" />);
export const IconPlus = icon(<path d="M12 5v14M5 12h14" />);
export const IconCross = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const IconAlert = icon(<path d="M12 4l9 16H3zM12 10v4M12 17h.01" />);
export const IconOffline = icon(
  <path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.4M19 12a10 10 0 0 0-5.5-2.9M12 19h.01" />,
);
export const IconChat = icon(<path d="M4 5h16v11H9l-5 4z" />);
export const IconChart = icon(<path d="M4 4v16h16M8 14l3-4 3 3 5-6" />);
export const IconExit = icon(<path d="M14 4H5v16h9M10 12h11m-4-4l4 4-4 4" />);
export const IconTrash = icon(<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13" />);
export const IconEdit = icon(<path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3" />);
export const IconRefresh = icon(
  <path d="M20 11a8 8 0 0 0-14.5-4L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 4L20 15m0 5v-5h-5" />,
);
export const IconTable = icon(<path d="M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9" />);
export const IconDown = icon(<path d="M6 9l6 6 6-6" />);
