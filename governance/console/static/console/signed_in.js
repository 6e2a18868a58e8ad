/* A form sent after the session is over would come to the sign-in page, and what was typed would be gone. So the hub
   is asked before; where it knows nobody any more, the page stays as it is until somebody has signed in elsewhere. */
(() => {
    "use strict";

    const ASKED_EVERY = 60_000;
    const {ask: address = "/admin/jsi18n/", login = "/admin/login/"} = document.currentScript.dataset;
    let asked = 0;  // milliseconds since the page was opened

    function tell(words, to) {
        const box = document.createElement("dialog");
        box.className = "dialog";
        const said = document.createElement("p");
        said.textContent = words;
        const buttons = document.createElement("div");
        buttons.className = "buttons";
        buttons.innerHTML = '<button type="button" class="button" data-close>返回本页</button>';
        if (to) buttons.innerHTML += `<a class="button primary" target="_blank" href="${to}">登录</a>`;
        box.append(said, buttons);
        box.addEventListener("close", () => box.remove());
        document.body.append(box);
        box.showModal();
    }

    /* Signing in gives the browser another token than the page was drawn with. */
    function renewToken() {
        const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
        if (token) document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
    }

    async function ask(form, button) {
        const answer = await fetch(address, {method: "HEAD", redirect: "manual", cache: "no-store"}).catch(() => null);
        if (answer?.ok) {
            asked = performance.now();
            renewToken();
            form.requestSubmit(button);
        } else if (answer?.type === "opaqueredirect") {
            const back = encodeURIComponent(location.pathname + location.search);  // where a purpose is asked for, too
            tell("登录已超时，还没有提交。本页填写的内容都在：请在新窗口登录，再回到本页提交。", `${login}?next=${back}`);
        } else {
            tell("没有连上平台，还没有提交。本页填写的内容都在，请稍后再试。");
        }
    }

    addEventListener("submit", (event) => {
        const form = event.target;
        const unsigned = /\/log(in|out)\/$/.test(form.getAttribute("action") || location.pathname);
        if (form.method !== "post" || unsigned || performance.now() - asked < ASKED_EVERY) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        ask(form, event.submitter);
    }, true);
})();
