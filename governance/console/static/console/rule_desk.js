/* The editor of a rule: a form of plain lines, built from what the hub offers; the hub reads and judges all of it. */
(async () => {
    "use strict";

    const {make, ticks, search, pick, box, day, text, full, group, asGroup, moment, term, start} = window.ruleRows;
    const setup = JSON.parse(document.getElementById("rule-setup").textContent);
    const desk = document.getElementById("rule-desk"), told = document.getElementById("rule-problems");
    const answer = await fetch(setup.catalogue, {credentials: "same-origin"});
    if (!answer.ok) { desk.textContent = "没有取到可选条件，请刷新页面"; return; }
    const cat = await answer.json();
    start(cat, setup.areas);

    const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

    /* What an assignee named by an earlier version is called. */
    async function taker(id) {
        const reply = await fetch(`${setup.takers}?any=1`, {method: "POST", headers: {"X-CSRFToken": token()}, body: new URLSearchParams({id}), credentials: "same-origin"});
        const found = reply.ok ? await reply.json() : {choices: []};
        return found.choices.length ? found.choices[0].text : id;
    }

    const draft = setup.draft || {content: {}};
    const content = draft.content || {};
    const area = (label, value, most) => { const made = make("textarea", {"aria-label": label, rows: 2, maxlength: most}); made.value = value || ""; return made; };
    const line = (label, place, ...parts) => make("div.line", {"data-place": place}, make("label", {}, label), ...parts);
    const card = (title, ...parts) => make("fieldset.card", {}, make("legend", {}, title), make("div.lines", {}, ...parts));
    const wide = (element) => { element.classList.add("wide"); return element; };

    const head = {
        code: box("规则编号", draft.code, {maxlength: 40, name: "code", placeholder: "小写字母、数字、下划线", readonly: !setup.new}),
        name: box("规则名称", draft.name, {maxlength: 100, name: "name"}),
        source: box("依据", draft.source, {maxlength: 200, name: "source"}),
        confirmed: make("input", {type: "checkbox", name: "confirmed", checked: draft.confirmed === true}),
        valid_from: day("生效日期", draft.valid_from || setup.today),
        valid_to: day("截止日期", draft.valid_to),
        note: box("修改说明", draft.note, {maxlength: 200, name: "note"}),
    };
    head.valid_from.name = "valid_from";
    head.valid_to.name = "valid_to";
    const task = {
        title: box("任务名称", content.title, {maxlength: 100, name: "title", placeholder: "不含个人信息"}),
        item: box("事项", content.item, {maxlength: 50, name: "item"}),
        text: area("办理说明", content.text, 300),
        priority: pick("优先级", cat.priorities, content.priority || "1", {name: "priority"}),
    };
    task.text.name = "text";
    const window_ = content.window || {};
    const opens = term("开始", window_.opens || {n: 0}, "opens"), due = term("到期", window_.due || {n: 0}, "due"), expires = term("失效（“到达某一天”必填）", window_.expires, "expires");

    /* Who is asked: the parts that depend on the kind of subject are drawn anew with it. */
    const subject = pick("对象", cat.subjects.map((each) => [each.name, each.label]), content.subject || "person", {name: "subject"});
    const kindly = make("div");
    let parts;
    function drawKind(held) {
        const kind = subject.value;
        const asked = new Set(held.asks || []);
        const check = (token, label) => { const made = make("input", {type: "checkbox", value: token, checked: asked.has(token)}); return make("label", {}, made, label); };
        const boxes = make("div.boxes", {}, check("photo", "拍照"), check("signature", "居民签名"));
        const documents = ticks("核对材料", cat.materials.map(([code, label]) => [`doc:${code}`, label]), [...asked]), values = ticks("核对数据项", cat.asks[kind], [...asked]);
        parts = {
            moment: moment(kind, held.moment || {}),
            who: group(kind, asGroup(held.who), {}),
            settled: group(kind, asGroup(held.settled), {}),
            asks: () => [...boxes.querySelectorAll("input:checked")].map((each) => each.value).concat(documents.read(), values.read()),
        };
        kindly.replaceChildren(
            card("时点", wide(line("哪一天产生事项", "content.moment", parts.moment.element))),
            card("条件", wide(line("对象须满足", "content.who", parts.who.element))),
            card("无需办理", wide(line("满足时不派任务，已派的自动撤回（不需要则不加）", "content.settled", parts.settled.element))),
            card("办理要求", line("现场", "content.asks", boxes), line("核对材料（可多选）", "content.asks", documents.element), line("核对或补充的数据项（可多选）", "content.asks", values.element)),
        );
    }
    subject.addEventListener("change", () => drawKind({}));
    drawKind(content);

    const known = content.assignee || "";
    const assignee = pick("承办", [...Object.entries(cat.assignees), ["other", "指定……"]], known in cat.assignees ? known : "other", {name: "assignee"});
    const other = known in cat.assignees ? "" : known;
    const named = search("指定承办", "输入姓名、中心（站）或队伍名称查找", `${setup.takers}?any=1`, other, other && await taker(other));
    const who = named.querySelector("[type=hidden]");
    const showNamed = () => { named.hidden = assignee.value !== "other"; };
    assignee.addEventListener("change", showNamed);
    showNamed();

    desk.replaceChildren(
        card("规则", line("规则编号", "code", head.code), line("规则名称", "name", head.name), line("依据", "source", head.source), line("已由本市确认", "confirmed", head.confirmed), line("生效日期", "valid_from", head.valid_from), line("截止日期（可空）", "valid_to", head.valid_to), wide(line("修改说明", "note", head.note))),
        card("对象", line("对象种类", "content.subject", subject)),
        kindly,
        card("任务", line("任务名称", "content.title", task.title), line("事项", "content.item", task.item), line("优先级", "content.priority", task.priority), line("承办", "content.assignee", assignee, named), wide(line("办理说明", "content.text", task.text)), wide(line("期限", "content.window", opens.element, due.element, expires.element))),
    );
    desk.removeAttribute("aria-busy");

    function read() {
        const settled = parts.settled.read("content.settled"), lapse = expires.read();
        return full({
            subject: subject.value,
            title: task.title.value.trim(),
            item: task.item.value.trim(),
            text: task.text.value.trim(),
            moment: parts.moment.read("content.moment"),
            who: parts.who.read("content.who"),
            settled: settled.of.length ? settled : undefined,
            window: full({opens: opens.read() || {n: 0}, due: due.read() || {n: 0}, expires: lapse || undefined}),
            priority: task.priority.value,
            asks: parts.asks(),
            assignee: assignee.value === "other" ? who.value || "other" : assignee.value,
        });
    }

    const whole = () => ({
        new: setup.new,
        number: draft.number,
        code: head.code.value.trim(),
        name: head.name.value.trim(),
        source: head.source.value.trim(),
        confirmed: head.confirmed.checked,
        valid_from: text(head.valid_from),
        valid_to: text(head.valid_to),
        note: head.note.value.trim(),
        content: read(),
    });

    /* Each problem is shown above and at the part that it names, or at the nearest part around it. */
    function show(problems) {
        desk.querySelectorAll(".faulty").forEach((each) => each.classList.remove("faulty"));
        desk.querySelectorAll(".problem.here").forEach((each) => each.remove());
        told.hidden = problems.length === 0;
        told.replaceChildren(...problems.map((problem) => make("p", {}, problem.reason)));
        problems.forEach(({place, reason}) => {
            const steps = place.split(".");
            for (; steps.length; steps.pop()) {
                const found = desk.querySelector(`[data-place="${CSS.escape(steps.join("."))}"]`);
                if (found) { found.classList.add("faulty"); found.append(make("p.problem.here", {}, reason)); break; }
            }
        });
        if (problems.length) told.scrollIntoView({block: "center"});
    }

    async function send(url, value) {
        const reply = await fetch(url, {
            method: "POST",
            headers: {"X-CSRFToken": token(), "Content-Type": "application/json"},
            body: JSON.stringify(value),
            cache: "no-store",
            credentials: "same-origin",
        });
        const given = await reply.json().catch(() => ({problems: [{place: "", reason: reply.status === 403 ? "您没有编制规则的权限" : "平台没有应答，请稍后重试"}]}));
        show(given.problems || given.faults || []);
        return reply.ok ? given : (setNumber(given), null);
    }

    /* A draft that was stored but not put into force stays this draft. */
    function setNumber(given) {
        if (given.number) { draft.number = given.number; setup.new = false; head.code.readOnly = true; }
    }

    const chosen = document.getElementById("rule-day");
    chosen.value = setup.today;
    let busy = false;
    document.querySelectorAll("[data-do]").forEach((button) => button.addEventListener("click", async () => {
        if (busy) return;
        busy = button.disabled = true;
        try {
            const wanted = button.dataset.do;
            if (wanted === "preview") {
                const given = await send(setup.preview, {content: read(), day: chosen.value, code: setup.new ? "" : head.code.value});
                window.rulePreview(given, setup);
            } else {
                const given = await send(setup.save, {...whole(), put: wanted === "put"});
                if (given) location.href = given.url;
            }
        } finally { busy = button.disabled = false; }
    }));
    if (new URLSearchParams(location.search).has("preview")) document.querySelector("[data-do=preview]").click();
})();
