"""The programs of the renderer: one paints every surface, one draws depths."""

VERTEX = """
#version 330
uniform mat4 view;
in vec3 at; in vec3 normal; in vec3 tex; in vec3 first; in vec3 second; in vec4 misc; in float kind;
out vec3 n; out vec3 t; out vec3 a; out vec3 w; out float cut;
flat out vec3 b; flat out float gloss; flat out int pattern; flat out float scale; flat out float what;
void main() {
    gl_Position = view * vec4(at, 1);
    n = normal; t = tex; a = first; b = second; w = at; what = kind;
    cut = misc.x; pattern = int(misc.y + .5); scale = misc.z; gloss = misc.w;
}
"""

NOISE = """
float hash(vec3 p) { p = fract(p * .3183099 + .1); p *= 17.; return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x) {
    vec3 i = floor(x), f = fract(x); f = f * f * (3. - 2. * f);
    vec2 o = vec2(0, 1);
    return mix(mix(mix(hash(i), hash(i + o.yxx), f.x), mix(hash(i + o.xyx), hash(i + o.yyx), f.x), f.y),
               mix(mix(hash(i + o.xxy), hash(i + o.yxy), f.x), mix(hash(i + o.xyy), hash(i + o.yyy), f.x), f.y), f.z);
}
"""

FRAGMENT = (
    """
#version 330
uniform vec3 eye; uniform vec3 way[3]; uniform vec3 light[3]; uniform vec3 sky; uniform vec3 ground;
uniform float seed; uniform float shade;
uniform mat4 lamp; uniform sampler2D depths;
in vec3 n; in vec3 t; in vec3 a; in vec3 w; in float cut;
flat in vec3 b; flat in float gloss; flat in int pattern; flat in float scale; flat in float what;
out vec4 result;
"""
    + NOISE
    + """
vec3 paint() {
    vec3 p = t + seed; float fine = noise(p * scale * 6.);
    if (pattern == 1) return a * (.84 + .2 * noise(p * 9.) + .12 * noise(p * 30.)) + b * .06 * noise(p * 4.);
    if (pattern == 2) { float s = noise(vec3(p.x * scale * 7., p.y * 2.5 + 4. * noise(p * 3.), p.z * 7.));
        return mix(b, a, smoothstep(.15, .9, .65 * s + .35 * noise(p * 5.))); }
    if (pattern == 3) {
        float line = 0., edge = step(.955, max(t.y, 1. - t.y));
        for (int i = 1; i < 4; i++) line = max(line, 1. - abs(t.y - .2 - .17 * float(i)) * 28.);
        return mix(a, b, max(clamp(line, 0., 1.), edge * .7)) * (.95 + .08 * fine);
    }
    float on = 0.;
    if (pattern == 4) on = step(.5, fract(t.y * scale));
    if (pattern == 5) on = mod(floor(t.x * scale) + floor(t.y * scale) + floor(t.z * scale), 2.);
    if (pattern == 6) on = step(length(fract(t.xy * scale) - .5), .28);
    if (pattern == 7) on = smoothstep(.48, .56, noise(p * scale) * .7 + .3 * noise(p * scale * 2.7));
    if (pattern == 8) on = step(.5, fract(t.x * scale));
    return mix(a, b, on) * (.88 + .2 * fine);
}
float lit() {
    vec3 q = (lamp * vec4(w, 1)).xyz * .5 + .5; float sum = 0.;
    for (int i = 0; i < 4; i++) { vec2 o = vec2(i & 1, i >> 1) - .5;
        sum += step(q.z - .006, texture(depths, q.xy + o / 190.).r) * .25; }
    return mix(1., sum, shade);
}
void main() {
    vec3 p = t + seed;
    float rag = pattern == 2 ? .75 * (noise(vec3(p.x * scale * 6., p.y * 3., p.z * 6.)) - .5) : .0;
    if (cut + rag < .5) discard;
    if (pattern == 9 && mod(floor(gl_FragCoord.x) + floor(gl_FragCoord.y), 4.) < gloss) discard;
    vec3 base = paint(), m = normalize(n), toward = normalize(eye - w);
    if (dot(m, toward) < 0.) m = -m;
    vec3 sum = mix(ground, sky, .5 + .5 * m.y) * base;
    for (int i = 0; i < 3; i++) {
        float d = dot(m, way[i]), soft = pattern == 1 ? .18 : .05;
        float on = i == 0 ? lit() : 1.;
        float shine = min(gloss, .5) * pow(max(0., dot(m, normalize(way[i] + toward))), 22.);
        sum += light[i] * on * (base * max(0., (d + soft) / (1. + soft)) + shine);
    }
    result = vec4(pow(clamp(sum, 0., 1.), vec3(1. / 2.2)), what / 255.);
}
"""
)

DEPTH_VERTEX = """
#version 330
uniform mat4 view;
in vec3 at; in vec4 misc; out float cut;
void main() { gl_Position = view * vec4(at, 1); cut = misc.x; }
"""

DEPTH_FRAGMENT = """
#version 330
in float cut;
void main() { if (cut < .5) discard; }
"""
