/* The one map: boundaries by zoom, houses from zoom 15, events and tasks; all from this hub. */
(() => {
    "use strict";

    const setup = JSON.parse(document.getElementById("map-setup").textContent);
    const LEVELS = [
        {name: "county", label: "区县", from: 0, to: 9, digits: 0, width: 1.6},
        {name: "town", label: "街道（乡镇）", from: 9, to: 11.5, digits: 0, width: 1.3},
        {name: "community", label: "社区（村）", from: 11.5, to: 13.2, digits: 6, above: "town", width: 1.1},
        {name: "grid", label: "网格", from: 13.2, to: 24, digits: 9, above: "town", width: 1},
    ];
    const POINTS = {building: {from: 15, color: "#475467", radius: 4}, event: {from: 11, color: "#d92d20", radius: 7}, task: {from: 13.2, color: "#f79009", radius: 5}};
    const FILLS = ["match", ["get", "kind"], "urban", "#a9c8f0", "rural", "#c9e3b4", "special", "#f2cda0", "#d8e4f2"];
    const MOST_NAMES = 70;
    const empty = () => ({type: "FeatureCollection", features: []});

    const draft = () => new maplibregl.Map({
        container: "map",
        style: {version: 8, sources: {}, layers: [{id: "ground", type: "background", paint: {"background-color": "#eef3f0"}}]},
        bounds: setup.box || [110.2, 29.9, 112.1, 31.6],
        fitBoundsOptions: {padding: 40},
        maxZoom: 19,
        dragRotate: false,
        attributionControl: false,
        locale: {"NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小", "Popup.Close": "关闭", "ScaleControl.Meters": "米", "ScaleControl.Kilometers": "公里"},
    });
    let map;
    try {
        map = draft();
    } catch (error) {
        document.getElementById("map").textContent = "本机浏览器不能显示地图，请启用硬件加速（WebGL）或换用新版浏览器。";
        return;
    }
    map.addControl(new maplibregl.NavigationControl({showCompass: false}), "top-right");
    map.addControl(new maplibregl.ScaleControl({unit: "metric"}), "bottom-right");

    const held = Object.fromEntries(LEVELS.map((level) => [level.name, {asked: new Map(), data: empty()}]));
    const level = () => LEVELS.find((one) => map.getZoom() < one.to) || LEVELS.at(-1);
    const view = () => { const box = map.getBounds(); return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]; };
    const meets = (one, other) => one[0] <= other[2] && one[2] >= other[0] && one[1] <= other[3] && one[3] >= other[1];

    function ask(one, prefix) {
        const kept = held[one.name];
        if (!kept.asked.has(prefix)) {
            const url = setup.layers.replace("LEVEL", one.name) + (prefix ? `?in=${prefix}` : "");
            kept.asked.set(prefix, fetch(url, {credentials: "same-origin"}).then((answer) => answer.ok ? answer.json() : empty()).then((drawn) => {
                kept.data.features.push(...drawn.features);
                map.getSource(one.name).setData(kept.data);
            }));
        }
        return kept.asked.get(prefix);
    }

    async function boundaries() {
        const now = level();
        document.querySelector("[data-level]").textContent = `当前显示：${now.label}`;
        if (!now.digits) { await ask(now, ""); return; }
        await ask(LEVELS.find((one) => one.name === now.above), "");
        const box = view();
        const near = held[now.above].data.features.filter((feature) => meets(feature.properties.box, box));
        const prefixes = new Set(near.map((feature) => feature.properties.code.slice(0, now.digits)));
        await Promise.all([...prefixes].slice(0, 12).map((prefix) => ask(now, prefix)));
    }

    /* Names are drawn by the page in the browser's own Chinese font: no glyph server is needed. */
    let names = [];
    function label() {
        names.forEach((marker) => marker.remove());
        const box = view();
        const seen = held[level().name].data.features.filter(({properties: {label: [x, y]}}) => meets([x, y, x, y], box));
        names = seen.slice(0, MOST_NAMES).map(({properties}) => {
            const element = document.createElement("div");
            element.className = "map-name";
            element.textContent = properties.name;
            return new maplibregl.Marker({element}).setLngLat(properties.label).addTo(map);
        });
    }

    const shown = (kind) => document.querySelector(`[data-kind=${kind}]`)?.checked;
    async function points(kind) {
        const source = map.getSource(`${kind}-points`);
        if (!shown(kind) || map.getZoom() < POINTS[kind].from) { source.setData(empty()); return; }
        const url = `${setup.points.replace("KIND", kind)}?box=${view().map((value) => value.toFixed(6)).join(",")}`;
        const answer = await fetch(url, {credentials: "same-origin", cache: "no-store"});
        source.setData(answer.ok ? await answer.json() : empty());
    }

    function text(tag, words, href) {
        const element = document.createElement(tag);
        element.textContent = words;
        if (href) element.href = href;
        return element;
    }

    function popup(at, title, note, links) {
        const body = document.createElement("div");
        body.append(text("b", title));
        if (note) body.append(text("div", note));
        links.forEach(([words, href]) => body.append(text("a", words, href)));
        new maplibregl.Popup({maxWidth: "320px"}).setLngLat(at).setDOMContent(body).addTo(map);
    }

    function clicked(event) {
        const layers = setup.kinds.map((kind) => `${kind}-points`);
        const [point] = map.queryRenderedFeatures(event.point, {layers});
        if (point) { popup(point.geometry.coordinates, point.properties.title, point.properties.note, [["查看记录", point.properties.url]]); return; }
        const [area] = map.queryRenderedFeatures(event.point, {layers: [`${level().name}-fill`]});
        if (!area) return;
        const {code, name, grids, households} = area.properties;
        const links = code.length === 15 ? [["网格资料", setup.grid.replace("CODE", code)]] : [["放大到此", `?area=${code}`]];
        if (setup.people) links.push(["人口", `${setup.people}?area=${code}`]);
        popup(event.lngLat, name, `${code}　${code.length === 15 ? "" : `${grids}个网格　`}约${households}户`, links);
    }

    function draw(one) {
        const zooms = {minzoom: one.from, maxzoom: one.to};
        map.addSource(one.name, {type: "geojson", data: empty(), tolerance: 0.2});
        map.addLayer({id: `${one.name}-fill`, type: "fill", source: one.name, ...zooms, paint: {"fill-color": FILLS, "fill-opacity": 0.55}});
        map.addLayer({id: `${one.name}-line`, type: "line", source: one.name, minzoom: one.from, maxzoom: one.name === "grid" ? 24 : one.to + 2, paint: {"line-color": "#3a6fb0", "line-width": one.width, "line-opacity": 0.8}});
    }

    async function refresh() {
        await boundaries();
        label();
        setup.kinds.forEach(points);
    }

    /* The area's picker. */
    async function pick(area, fly) {
        const answer = await (await fetch(`${setup.areas}?area=${area}`, {credentials: "same-origin"})).json();
        const place = document.querySelector("[data-levels]");
        place.replaceChildren(...answer.levels.map(({label: words, options, chosen, above}) => {
            const select = document.createElement("select");
            select.setAttribute("aria-label", words);
            select.append(new Option(`全部${words}`, above), ...options.map(([code, name]) => new Option(name, code, false, code === chosen)));
            select.addEventListener("change", () => pick(select.value, true));
            return select;
        }));
        if (fly && answer.box) map.fitBounds([[answer.box[0], answer.box[1]], [answer.box[2], answer.box[3]]], {padding: 40, duration: 600});
    }

    map.on("load", () => {
        LEVELS.forEach(draw);
        setup.kinds.forEach((kind) => {
            map.addSource(`${kind}-points`, {type: "geojson", data: empty()});
            map.addLayer({id: `${kind}-points`, type: "circle", source: `${kind}-points`, paint: {"circle-color": POINTS[kind].color, "circle-radius": POINTS[kind].radius, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5}});
            map.on("mouseenter", `${kind}-points`, () => { map.getCanvas().style.cursor = "pointer"; });
            map.on("mouseleave", `${kind}-points`, () => { map.getCanvas().style.cursor = ""; });
        });
        map.on("moveend", refresh);
        map.on("click", clicked);
        document.querySelectorAll("[data-kind]").forEach((box) => box.addEventListener("change", () => points(box.dataset.kind)));
        refresh().then(() => { document.getElementById("map").dataset.ready = "1"; });
        pick(setup.area, false);
    });
})();
