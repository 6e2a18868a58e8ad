/* The rows of a rule's conditions: each part draws itself, reads itself back as JSON and knows its place in the rule. */
window.ruleRows = (() => {
    "use strict";

    let cat, areaNames;
    const start = (catalogue, names) => { cat = catalogue; areaNames = names || {}; };

    /* make("div.a", {type: "x"}, child…) */
    function make(tag, given = {}, ...children) {
        const [name, ...classes] = tag.split(".");
        const element = document.createElement(name);
        if (classes.length) element.className = classes.join(" ");
        Object.entries(given).forEach(([key, value]) => {
            if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
            else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
        });
        element.append(...children.filter((child) => child !== null && child !== undefined));
        return element;
    }

    const option = (value, label, chosen) => make("option", {value, selected: chosen}, label);
    const pick = (label, pairs, chosen, more = {}) => make("select", {"aria-label": label, ...more}, ...pairs.map(([value, text]) => option(value, text, value === chosen)));
    const box = (label, value, more = {}) => { const made = make("input", {"aria-label": label, ...more}); if (value !== undefined && value !== null) made.value = value; return made; };
    const whole = (label, value) => box(label, value, {type: "number", step: "1", class: "short"});
    const day = (label, value) => box(label, value, {type: "date"});
    const number = (input) => input.value.trim() === "" ? undefined : Number(input.value);
    const text = (input) => input.value.trim() === "" ? undefined : input.value.trim();
    const units = (chosen, only) => pick("单位", Object.entries(cat.units).filter(([name]) => !only || only.includes(name)), chosen || "days");
    const DATED = ["days", "weeks", "months", "years"];
    const full = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

    const fieldOf = (kind, path) => cat.kinds[kind] && cat.kinds[kind].fields.find((field) => field.path === path);

    /* Every field of a kind, those of records above it in groups of their own. */
    function fields(kind, chosen, fits = () => true) {
        const groups = new Map();
        cat.kinds[kind].fields.filter(fits).forEach((field) => {
            if (!groups.has(field.group)) groups.set(field.group, make("optgroup", {label: field.group}));
            groups.get(field.group).append(option(field.path, field.label, field.path === chosen));
        });
        const select = make("select", {"aria-label": "数据项", "data-name": "field"}, ...groups.values());
        if (chosen && !fieldOf(kind, chosen)) select.append(option(chosen, `“${chosen}”（没有这一项）`, true));
        return select;
    }

    const MANY = 12;

    /* Several of a list, each ticked by itself; a long list can be narrowed by words. */
    function ticks(label, pairs, held) {
        const lines = pairs.map(([value, name]) => {
            const tick = make("input", {type: "checkbox", value, checked: held.includes(value)});
            return {tick, line: make("label", {}, tick, name), name};
        });
        lines.sort((one, other) => Number(other.tick.checked) - Number(one.tick.checked));
        const words = make("input", {type: "search", "aria-label": `在“${label}”中查找`, placeholder: "输入文字缩小范围"});
        words.addEventListener("input", () => lines.forEach(({tick, line, name}) => { line.hidden = !tick.checked && !name.includes(words.value.trim()); }));
        const element = make("div.ticks", {role: "group", "aria-label": label}, lines.length > MANY ? words : null, ...lines.map(({line}) => line));
        return {element, read: () => pairs.map(([value]) => value).filter((value) => lines.some(({tick}) => tick.value === value && tick.checked))};
    }

    /* A search among what the hub knows; what is chosen is told to the caller. */
    function search(label, hint, url, value = "", said = "") {
        const element = make("span.reference", {"data-reference": "any", "data-choices": url},
            make("input", {type: "hidden", value}), make("input", {type: "search", value: said, "aria-label": label, placeholder: hint, autocomplete: "off", role: "combobox", "aria-expanded": "false"}), make("ul", {hidden: true}));
        window.attachReference(element);
        return element;
    }

    const PARTS = {
        age: (field, value) => {
            const least = whole("满", value.least), below = whole("未满", value.below), unit = units(value.unit || "years", DATED);
            return [["满", least, "，未满", below, unit], () => ({least: number(least), below: number(below), unit: unit.value})];
        },
        day: (field, value) => {
            const first = whole("从", value.first), last = whole("到", value.last), unit = units(value.unit, DATED);
            const base = pick("起算", [["today", "今天"], ["moment", "时点"]], value.base || "today");
            return [[base, "之后", first, "至", last, unit, make("span.hint", {}, "之前为负数，不限则留空")], () => ({first: number(first), last: number(last), unit: unit.value, base: base.value === "moment" ? "moment" : undefined})];
        },
        between: (field, value) => {
            const first = day("自", value.first), last = day("至", value.last);
            return [["自", first, "至", last], () => ({first: text(first), last: text(last)})];
        },
        code: (field, value) => {
            const held = value.codes || [], known = cat.codes[field && field.codes] || [];
            const lost = held.filter((code) => !known.some(([name]) => name === code)).map((code) => [code, `“${code}”（已停用或没有）`]);
            const pairs = [...known, ...lost];
            const list = ticks("代码", pairs, held);
            return [[list.element], () => ({codes: list.read()})];
        },
        number: (field, value) => {
            const least = box("不少于", value.least, {type: "number", step: "any", class: "short"}), most = box("不多于", value.most, {type: "number", step: "any", class: "short"});
            return [["不少于", least, "不多于", most, (field && field.unit) || ""], () => ({least: number(least), most: number(most)})];
        },
        flag: (field, value) => {
            const yes = pick("是或否", [["1", "是"], ["0", "否"]], value.value === false ? "0" : "1");
            return [[yes], () => ({value: yes.value === "1"})];
        },
        present: () => [[], () => ({})],
        area: (field, value) => {
            let held = [...(value.prefixes || [])];
            const chips = make("span.chips");
            const draw = () => chips.replaceChildren(...held.map((code) => make("span.chip", {"data-code": code}, areaNames[code] || code,
                make("button", {type: "button", "aria-label": `去掉${areaNames[code] || code}`, onclick: () => { held = held.filter((each) => each !== code); draw(); }}, "×"))));
            const found = search("查找区划", "输入区划或网格名称查找", "/admin/areas/");
            found.addEventListener("chosen", (event) => {
                areaNames[event.detail.id] = event.detail.text.replace(/（\d+）$/, "");
                held = [...new Set([...held, event.detail.id])];
                draw();
                found.querySelectorAll("input").forEach((each) => { each.value = ""; });
            });
            draw();
            return [[chips, found], () => ({prefixes: held})];
        },
    };

    /* A condition on one field. */
    function fieldRow(kind, value) {
        const element = make("span.rule-parts");
        const chosen = fields(kind, value.field || (value.op === "age" ? "birth_date" : undefined));
        const ops = make("select", {"aria-label": "比较", "data-name": "op"}), params = make("span.rule-parts");
        let reads = () => ({});
        const drawParams = (held) => {
            const [parts, read] = PARTS[ops.value](fieldOf(kind, chosen.value), held);
            params.replaceChildren(...parts);
            reads = read;
        };
        const drawOps = (held) => {
            const field = fieldOf(kind, chosen.value);
            const offered = field ? field.rows : [held.op || "present"];
            ops.replaceChildren(...offered.map((op) => option(op, cat.rows[op], op === held.op)));
            drawParams(held);
        };
        chosen.addEventListener("change", () => drawOps({}));
        ops.addEventListener("change", () => drawParams({}));
        drawOps(value);
        element.append(chosen, ops, params);
        return {element, read: () => full({op: ops.value, field: chosen.value, ...reads()})};
    }

    /* A choice of related records: those of the subject or of a record above it. */
    function relations(kind, base, relation) {
        const bases = cat.kinds[kind].bases.filter((each) => each.relations.length);
        const from = pick("属于", bases.map((each) => [each.path, each.label]), base || (bases[0] && bases[0].path));
        const which = make("select", {"aria-label": "相关记录", "data-name": "relation"});
        const here = () => bases.find((each) => each.path === from.value) || {relations: []};
        const found = () => here().relations.find((each) => each.name === which.value) || {kind: "", days: []};
        const draw = (held) => which.replaceChildren(...here().relations.map((each) => option(each.name, each.label, each.name === held)));
        from.addEventListener("change", () => { draw(); which.dispatchEvent(new Event("change", {bubbles: true})); });
        draw(relation);
        return {parts: [from, "的", which], from, which, found};
    }

    /* How many related records there are. */
    function countRow(kind, value) {
        const chosen = relations(kind, value.base, value.relation);
        const least = whole("至少", value.least), most = whole("至多", value.most), such = make("div.rule-where");
        let where = null;
        const draw = (held) => {
            const other = chosen.found().kind;
            where = other ? group(other, held || {op: "all", of: []}, {head: "其中", optional: true}) : null;
            such.replaceChildren(...(where ? [where.element] : []));
        };
        chosen.which.addEventListener("change", () => draw());
        draw(value.where);
        const element = make("div.rule-count", {}, make("span.rule-parts", {}, ...chosen.parts, "至少", least, "条，至多", most, "条"), such);
        const read = (place) => {
            const held = where && where.read(`${place}.where`);
            return full({op: "count", relation: chosen.which.value, base: chosen.from.value || undefined, where: held && held.of.length ? held : undefined, least: number(least), most: number(most)});
        };
        return {element, read};
    }

    /* One line: not or not, then a field, a count or a group. */
    function row(kind, value, remove) {
        const negated = value.op === "not" && value.of;
        const held = negated ? value.of : value;
        const sign = pick("是否满足", [["yes", "满足"], ["no", "不满足"]], negated ? "no" : "yes", {"data-name": "sign"});
        const inner = held.op === "count" ? countRow(kind, held) : held.op === "all" || held.op === "any" || held.op === "not" ? group(kind, held.op === "not" ? {op: "all", of: [held]} : held, {}) : fieldRow(kind, held);
        const element = make("li.rule-row", {}, sign, inner.element, make("button.link", {type: "button", "aria-label": "删除这一条", onclick: remove}, "删除"));
        const read = (place) => {
            element.dataset.place = place;
            return sign.value === "no" ? {op: "not", of: inner.read(`${place}.of`)} : inner.read(place);
        };
        return {element, read};
    }

    /* Several lines, all or any of which hold. */
    function group(kind, value, {head = ""}) {
        let rows = [];
        const how = pick("全部或任一", [["all", "全部满足"], ["any", "满足任一"]], value.op === "any" ? "any" : "all", {"data-name": "how"});
        const list = make("ul.rule-list");
        const add = (held) => {
            const made = row(kind, held, () => { rows = rows.filter((each) => each !== made); made.element.remove(); });
            rows.push(made);
            list.append(made.element);
        };
        const button = (label, held, name) => make("button.link", {type: "button", "data-add": name, onclick: () => add(held())}, label);
        const first = () => ({op: "present", field: cat.kinds[kind].fields[0].path});
        const element = make("div.rule-group", {}, make("span.rule-head", {}, head, how), list, make("span.rule-adds", {},
            button("＋ 条件", () => ({field: (fieldOf(kind, "birth_date") || first()).path || first().field}), "field"),
            cat.kinds[kind].bases.some((each) => each.relations.length) ? button("＋ 相关记录数量", () => ({op: "count", least: 1}), "count") : null,
            button("＋ 一组条件", () => ({op: "any", of: []}), "group")));
        (value.of || []).forEach(add);
        const read = (place) => {
            element.dataset.place = place;
            return {op: how.value, of: rows.map((each, at) => each.read(`${place}.of.${at}`))};
        };
        return {element, read};
    }

    const asGroup = (value) => !value ? {op: "all", of: []} : value.op === "all" || value.op === "any" ? value : {op: "all", of: [value]};

    const MOMENTS = {
        milestone: (kind, value) => {
            const chosen = fields(kind, value.field || (fieldOf(kind, "birth_date") ? "birth_date" : undefined), (field) => field.type === "date" || field.type === "moment");
            const at = box("数", (value.at || []).join("、"), {placeholder: "如 60，或 1、3、6", "data-name": "at"}), unit = units(value.unit || "years", DATED);
            const each = pick("变更", [["subject", "日期更正后仍是同一事项"], ["date", "日期变更即为新的事项"]], value.each || "subject");
            const step = whole("每隔", value.step), times = whole("再", value.times || undefined);
            const element = make("span.rule-parts", {}, chosen, "满", at, unit, make("span.hint", {}, "提前为负数；多个用顿号隔开"), each, "此后每", step, "再", times, "次");
            const read = () => full({op: "milestone", field: chosen.value, at: at.value.split(/[\s,，、]+/).filter(Boolean).map(Number), unit: unit.value, each: each.value, step: number(step), times: number(times)});
            return {element, read};
        },
        since: (kind, value) => {
            const chosen = relations(kind, value.base, value.relation || "visit.person");
            const days = make("select", {"aria-label": "日期"}), after = whole("满", value.after), unit = units(value.unit, DATED), start = day("起算日", value.start), such = make("div.rule-where");
            let where = null;
            const draw = (held) => {
                const found = chosen.found(), other = cat.kinds[found.kind];
                days.replaceChildren(...found.days.map((name) => option(name, other.fields.find((field) => field.path === name).label, name === held.field)));
                where = other ? group(found.kind, asGroup(held.where), {head: "只看"}) : null;
                such.replaceChildren(...(where ? [where.element] : []));
            };
            chosen.which.addEventListener("change", () => draw({}));
            draw(value.field ? value : {...value, field: "visited_at"});
            const element = make("div", {}, make("span.rule-parts", {}, "距最近一次", ...chosen.parts, days, "满", after, unit, "；从未有过或更早的自", start, "起算"), such);
            const read = (place) => {
                const held = where && where.read(`${place}.where`);
                return full({op: "since", relation: chosen.which.value, field: days.value, after: number(after), unit: unit.value, base: chosen.from.value || undefined, where: held && held.of.length ? held : undefined, start: text(start)});
            };
            return {element, read};
        },
        every: (kind, value) => {
            const step = whole("每", value.step || 1), unit = units(value.unit || "months", DATED), begun = day("自", value.start);
            return {element: make("span.rule-parts", {}, "自", begun, "起，每", step, unit), read: () => full({op: "every", step: number(step), start: text(begun), unit: unit.value})};
        },
        standing: () => ({element: make("span.hint", {}, "条件成立期间有一项任务，期限从首次发现之日起算"), read: () => ({op: "standing"})}),
    };
    const MOMENT_WORDS = [["milestone", "到达某一天"], ["since", "距上次已满"], ["every", "按周期"], ["standing", "条件成立时"]];

    /* On which day an occasion arises. */
    function moment(kind, value) {
        const op = pick("时点", MOMENT_WORDS, value.op || "milestone", {"data-name": "moment"}), place = make("div.rule-where");
        let inner;
        const draw = (held) => { inner = MOMENTS[op.value](kind, held); place.replaceChildren(inner.element); };
        op.addEventListener("change", () => draw({}));
        draw(value);
        return {element: make("div", {}, op, place), read: (at) => inner.read(at)};
    }

    function term(label, value, name) {
        const n = whole(label, value && (value.n || 0)), unit = units(value && value.unit, null);
        n.dataset.name = name;
        return {element: make("span.rule-parts", {"data-place": `content.window.${name}`}, `${label}：时点后`, n, unit), read: () => number(n) === undefined ? null : {n: number(n), unit: unit.value}};
    }

    return {start, ticks, search, make, pick, box, day, option, number, text, full, group, asGroup, moment, term};
})();
