/* What a rule would do on a day: how many, where, a masked sample, what changes against the version in force. */
window.rulePreview = (given, setup) => {
    "use strict";

    const {make} = window.ruleRows;
    const place = document.getElementById("rule-preview");
    place.hidden = !given;
    place.dataset.ready = "";
    if (!given) return;
    const card = (title, ...parts) => make("div.card", {}, make("h2", {}, title), ...parts);
    const table = (names, rows) => make("table.plain-table", {}, make("thead", {}, make("tr", {}, ...names.map((name) => make("th", {}, name)))), make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, typeof cell === "object" ? cell : String(cell)))))));

    const cards = [card(`${given.day} 的预览`, make("ul.rule-lines", {}, ...given.lines.map((line) => make("li", {}, line))))];
    if (given.total !== undefined) cards.push(figures());
    if (given.total && given.divisions) cards.push(divisions(), make("div.card.flush", {}, make("h2", {}, "分布"), make("div.small-map", {id: "rule-map"})));
    if (given.sample) cards.push(given.sample.length ? card("举例（已脱敏，查看已留痕）", table(["对象", "网格", "开始", "到期"], given.sample)) : card("举例", make("p.hint", {}, given.total ? "您的角色不查看这类对象的记录" : "这一天没有对象")));
    place.replaceChildren(...cards);
    if (given.total && given.divisions) draw(given.places);
    place.dataset.ready = "1";
    place.scrollIntoView({block: "start"});

    function figures() {
        const parts = [make("p.rule-total", {"data-total": given.total}, `涉及${given.kind} `, make("b", {}, String(given.total)), ` 个（全市居民 ${given.residents} 人）`)];
        if (given.hidden) parts.push(make("p.hint", {}, given.hidden));
        if (given.mass) parts.push(make("p.problem", {}, "超过居民的1%，提交后须由另一人同意才能生效"));
        if (given.change) {
            const {number, gained, lost, moved, same} = given.change;
            parts.push(make("p", {"data-change": `${gained},${lost},${moved}`}, `与现行第${number}版相比：新增 ${gained} 项，减少 ${lost} 项，期限改变 ${moved} 项，不变 ${same} 项`));
        }
        return card("数量", ...parts);
    }

    /* Divisions of one level under another; a click leads one level down, and back. */
    function divisions() {
        const body = make("div");
        const show = (level, prefix, above) => {
            const rows = given.divisions[level].filter(([code]) => code.startsWith(prefix));
            const lower = level < 5 ? (code, name) => make("button.link", {type: "button", onclick: () => show(level + 1, code, () => show(level, prefix, above))}, name) : (code, name) => name;
            body.replaceChildren(table(["区划", "数量"], rows.map(([code, name, number]) => [lower(code, name), number])), ...(above ? [make("button.link", {type: "button", onclick: above}, "返回上一级")] : []));
        };
        show(3, "", null);
        return card("按区划", body);
    }

    async function draw(points) {
        let map;
        try {
            map = new maplibregl.Map({container: "rule-map", style: {version: 8, sources: {}, layers: [{id: "ground", type: "background", paint: {"background-color": "#eef3f0"}}]}, center: [111.3, 30.7], zoom: 7, dragRotate: false, attributionControl: false});
        } catch (error) {
            document.getElementById("rule-map").textContent = "本机浏览器不能显示地图";
            return;
        }
        map.on("load", async () => {
            const outlines = await fetch(setup.layers, {credentials: "same-origin"}).then((reply) => reply.ok ? reply.json() : null).catch(() => null);
            if (outlines) {
                map.addSource("areas", {type: "geojson", data: outlines});
                map.addLayer({id: "areas", type: "line", source: "areas", paint: {"line-color": "#98a2b3", "line-width": 1}});
            }
            map.addSource("found", {type: "geojson", data: points});
            map.addLayer({id: "found", type: "circle", source: "found", paint: {"circle-color": "#1b62bf", "circle-opacity": 0.6, "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "number"]], 1, 4, 30, 26]}});
            if (points.features.length) {
                const box = points.features.reduce((held, {geometry}) => held.extend(geometry.coordinates), new maplibregl.LngLatBounds(points.features[0].geometry.coordinates, points.features[0].geometry.coordinates));
                map.fitBounds(box, {padding: 60, maxZoom: 14, duration: 0});
            }
            map.on("click", "found", ({features, lngLat}) => new maplibregl.Popup().setLngLat(lngLat).setText(`${features[0].properties.name}：${features[0].properties.number}`).addTo(map));
            document.getElementById("rule-map").dataset.ready = "1";
        });
    }
};
