/** Keeps the end of a growing page in sight while the person is there, and leaves them alone while they read above. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const nearPx = 48;

interface StickToEnd {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
}

/** `scroller` scrolls, `content` grows in it. */
export function useStickToEnd(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): StickToEnd {
  const [atEnd, setAtEnd] = useState(true);
  const sticking = useRef(true);

  const toEnd = useCallback(() => {
    sticking.current = true;
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  useLayoutEffect(toEnd, [toEnd]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null || content.current === null) return;
    let lastTop = element.scrollTop;
    // The page may have grown since it was scrolled: only scrolling up is the person's leaving.
    const onScroll = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
      sticking.current = near || (sticking.current && element.scrollTop >= lastTop);
      lastTop = element.scrollTop;
      setAtEnd(sticking.current);
    };
    const growth = new ResizeObserver(() => {
      if (sticking.current) toEnd();
      else onScroll();
    });
    // What somebody unfolds is to stay where it is.
    const onClick = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("summary") !== null)
        sticking.current = false;
    };
    element.addEventListener("click", onClick);
    growth.observe(content.current);
    growth.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      growth.disconnect();
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("click", onClick);
    };
  }, [scroller, content, toEnd]);

  return { atEnd, toEnd };
}
