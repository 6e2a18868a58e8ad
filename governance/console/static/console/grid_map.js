/* A grid's outline with its neighbours, on the grid's own page; where a line is asked for, clicks add its points. */
function drawLine(map, line) {
    "use strict";
    const points = () => line.value.split("\n").map((row) => row.split(/[,，]/).map(Number)).filter((point) => point.length === 2 && point.every(Number.isFinite));
    const shape = () => ({type: "Feature", properties: {}, geometry: {type: "LineString", coordinates: points()}});
    const show = () => map.getSource("cut").setData(shape());
    map.on("load", () => {
        map.addSource("cut", {type: "geojson", data: shape()});
        map.addLayer({id: "cut", type: "line", source: "cut", paint: {"line-color": "#c0362c", "line-width": 2.4, "line-dasharray": [2, 1]}});
        line.addEventListener("input", show);
    });
    map.on("click", ({lngLat}) => {
        line.value = `${line.value.trimEnd()}\n${lngLat.lng.toFixed(7)},${lngLat.lat.toFixed(7)}`.trimStart();
        show();
    });
}

document.querySelectorAll("[data-grid-map]").forEach(async (place) => {
    "use strict";
    const answer = await fetch(place.dataset.gridMap, {credentials: "same-origin"});
    if (!answer.ok) { place.textContent = "没有取到网格图形"; return; }
    const drawn = await answer.json();
    const own = drawn.features.find((feature) => feature.properties.self);
    const points = own.geometry.coordinates.flat(own.geometry.type === "MultiPolygon" ? 2 : 1);
    const bounds = points.reduce((box, point) => box.extend(point), new maplibregl.LngLatBounds(points[0], points[0]));
    const mine = (yes, no) => ["case", ["get", "self"], yes, no];
    const map = new maplibregl.Map({
        container: place,
        style: {
            version: 8,
            sources: {grids: {type: "geojson", data: drawn}},
            layers: [
                {id: "ground", type: "background", paint: {"background-color": "#eef3f0"}},
                {id: "fill", type: "fill", source: "grids", paint: {"fill-color": mine("#a9c8f0", "#e3e9ef"), "fill-opacity": 0.7}},
                {id: "line", type: "line", source: "grids", paint: {"line-color": mine("#1b62bf", "#98a2b3"), "line-width": mine(2.4, 1)}},
            ],
        },
        bounds,
        fitBoundsOptions: {padding: 70},
        dragRotate: false,
        attributionControl: false,
        locale: {"NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小"},
    });
    map.addControl(new maplibregl.NavigationControl({showCompass: false}), "top-right");
    drawn.features.forEach(({properties}) => {
        const element = document.createElement("div");
        element.className = "map-name";
        element.textContent = properties.name;
        new maplibregl.Marker({element}).setLngLat(properties.label).addTo(map);
    });
    const line = document.getElementById(place.dataset.gridLine || "");
    if (line) { drawLine(map, line); }
    map.on("load", () => { place.dataset.ready = "1"; });
});
