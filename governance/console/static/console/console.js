/* What the console's pages do in the browser: selects that lead on, dialogs, one value at a time, references. */
(() => {
    "use strict";

    const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

    const post = (url, values) => fetch(url, {
        method: "POST",
        headers: {"X-CSRFToken": token(), "Content-Type": "application/x-www-form-urlencoded"},
        body: new URLSearchParams(values),
        cache: "no-store",
        credentials: "same-origin",
    });

    /* Who presses twice would be told of the second time, when there is nothing left to do. An answer may be a
       file, which leaves the page as it is: after a while the form may be sent again. */
    const sent = new WeakMap();
    const said = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
    addEventListener("submit", (event) => {
        const form = event.target;
        if (event.defaultPrevented || form.method !== "post") return;
        const [last, now] = [sent.get(form), {by: event.submitter, said: said(form), at: Date.now()}];
        if (last && last.by === now.by && last.said === now.said && now.at - last.at < 5000) event.preventDefault();
        else sent.set(form, now);
    });
    addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => sent.delete(form)));

    document.addEventListener("change", (event) => {
        const select = event.target.closest("select[data-go]");
        if (select) location.href = select.value || location.pathname;
    });

    document.addEventListener("change", (event) => {
        const all = event.target.dataset?.all;
        if (all) document.querySelectorAll(`[name="${all}"]`).forEach((box) => { box.checked = event.target.checked; });
    });

    document.addEventListener("click", (event) => {
        const opener = event.target.closest("[data-dialog]");
        if (opener) document.getElementById(opener.dataset.dialog).showModal();
        if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
        const asked = event.target.closest("[data-reveal]");
        if (asked) askReason(asked.dataset.reveal);
        const rewrite = event.target.closest("[data-rewrite]");
        if (rewrite) toggleRewrite(rewrite);
        const reason = event.target.closest("[data-reason]");
        if (reason) document.getElementById("reveal-reason").value = reason.textContent;
    });

    const lineOf = (name) => document.querySelector(`[data-line="${name}"]`);
    const controlsOf = (line) => line.querySelectorAll(".control input:not(.picker), .control select, .control textarea");

    function openControl(line, open) {
        const control = line.querySelector(".control");
        if (!control) return;
        control.hidden = !open;
        controlsOf(line).forEach((input) => { input.disabled = !open; });
    }

    function toggleRewrite(button) {
        const line = lineOf(button.dataset.rewrite);
        const open = line.querySelector(".control").hidden;
        openControl(line, open);
        button.textContent = open ? "不改" : "改写";
        if (open) controlsOf(line)[0].focus();
    }

    /* One masked value at a time, each with its reason. */
    let wanted = "";

    function askReason(name) {
        const dialog = document.getElementById("reveal-dialog");
        wanted = name;
        dialog.querySelector("[data-what]").textContent = lineOf(name).querySelector("label").firstChild.textContent;
        dialog.querySelector("[data-problem]").textContent = "";
        dialog.showModal();
        document.getElementById("reveal-reason").focus();
    }

    function show(line, answer) {
        const box = line.querySelector("[data-masked]");
        box.classList.add("seen");
        box.querySelector(".mask").textContent = answer.text;
        box.querySelectorAll("[data-reveal], [data-rewrite]").forEach((button) => button.remove());
        if (!line.querySelector(".control")) return;
        openControl(line, true);
        box.hidden = true;
        box.style.display = "none";
        fill(line, answer.value);
    }

    function fill(line, value) {
        controlsOf(line).forEach((input) => {
            if (input.type === "checkbox") input.checked = value.includes(input.value);
            else if (input.type !== "hidden") input.value = value;
        });
    }

    async function reveal(dialog) {
        const reason = document.getElementById("reveal-reason").value.trim();
        const problem = dialog.querySelector("[data-problem]");
        if (!reason) { problem.textContent = "请填写查看原因"; return; }
        const answer = await post(dialog.dataset.url, {field: wanted, reason});
        if (answer.ok) {
            show(lineOf(wanted), await answer.json());
            dialog.close();
        } else {
            const said = await answer.json().catch(() => ({}));
            problem.textContent = said.reason || "没有取到，请刷新页面后再试";
        }
    }

    /* Days are typed; the button opens the browser's own calendar. */
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-day] button");
        if (!button) return;
        const picker = button.parentElement.querySelector(".picker");
        const typed = button.parentElement.querySelector("[type=text]");
        picker.value = typed.value.replace(" ", "T");
        picker.onchange = () => { typed.value = picker.value.replace("T", " "); };
        picker.showPicker();
    });

    const BELOW = 360;  // pixels that a list and the foot of the page need

    /* References: a record is looked for by its name or door. */
    function attach(box) {
        const [kept, typed, list] = [box.querySelector("[type=hidden]"), box.querySelector("[type=search]"), box.querySelector("ul")];
        const room = {event: "events", task: "tasks", visit: "tasks"}[box.dataset.reference] || "records";
        const url = box.dataset.choices || `/admin/${room}/${box.dataset.reference.replaceAll("_", "")}/choices/`;
        const along = (box.dataset.along || "").split(" ").filter(Boolean);  // what of the form the choice depends on
        let timer = 0;
        let name = typed.value;
        const close = () => { list.hidden = true; typed.setAttribute("aria-expanded", "false"); };
        const choose = (item) => {
            kept.value = item.id;
            typed.value = name = item.text;
            close();
            box.dispatchEvent(new CustomEvent("chosen", {detail: item}));
        };
        const none = (text) => { const line = document.createElement("li"); line.className = "none"; line.textContent = text; list.append(line); };

        async function look() {
            const said = new URLSearchParams({q: along.length && typed.value === name ? "" : typed.value.trim()});
            const given = along.length ? new FormData(box.closest("form")) : null;
            along.forEach((each) => given.getAll(each).forEach((value) => value && said.append(each, value)));
            const answer = await post(url, said);
            list.replaceChildren();
            if (!answer.ok) { none("没有取到，请稍后再试"); return; }
            const found = await answer.json();
            found.choices.forEach((item) => {
                const line = document.createElement("li");
                line.textContent = item.text;
                line.addEventListener("mousedown", (event) => { event.preventDefault(); choose(item); });
                list.append(line);
            });
            if (!found.choices.length) none(box.dataset.none || "没有找到，请换个说法");
            if (found.more) none("还有更多，请输入得更具体");
            list.hidden = false;
            list.classList.toggle("up", innerHeight - typed.getBoundingClientRect().bottom < BELOW);
            typed.setAttribute("aria-expanded", "true");
        }

        typed.addEventListener("input", () => {
            clearTimeout(timer);
            if (!typed.value.trim()) { kept.value = ""; name = ""; close(); return; }
            timer = setTimeout(look, 300);
        });
        typed.addEventListener("keydown", (event) => {
            const lines = [...list.querySelectorAll("li:not(.none)")];
            const at = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
            if (event.key === "Escape") close();
            if (event.key === "Enter" && !list.hidden) { event.preventDefault(); lines[Math.max(at, 0)]?.dispatchEvent(new MouseEvent("mousedown")); }
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                const next = Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), lines.length - 1);
                lines.forEach((line, place) => line.setAttribute("aria-selected", String(place === next)));
            }
        });
        typed.addEventListener("focus", () => { typed.select(); if (along.length) look(); });
        typed.addEventListener("blur", () => { close(); typed.value = kept.value ? name : ""; });
    }

    window.attachReference = attach;
    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-reference]").forEach(attach);
        const dialog = document.getElementById("reveal-dialog");
        dialog?.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); reveal(dialog); });
        document.querySelector(".line.faulty")?.scrollIntoView({block: "center"});
    });
})();
