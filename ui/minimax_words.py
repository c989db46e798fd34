"""Texts of the charts of the minimax page."""

from __future__ import annotations

from ui.frames import Words

WORDS = {
    "densities": Words(
        "Two densities",
        "The real data and G's samples, both known here, so that everything else can be computed. "
        "Click to move G's mean.",
        "p(x) = (1 − w) N(x; m, s²) + w N(x; −m, s²)",
        "m: mean, s: spread, w: share of the second bump. Both densities are of this family.",
    ),
    "outputs": Words(
        "What D answers",
        "D* is the best answer to both densities; where p_G = p_data it lies on the line. "
        "Click to move your D's midpoint.",
        "<i>D</i>*(x) = (α p(x) + β q(x)) / (p(x) + q(x)), at p = q: (α + β)/2<br>"
        "your <i>D</i>: σ(slope · (x − midpoint))",
        "α: label of real images (smoothing), β: of generated ones. Goodfellow et al. 2014, Prop. 1; "
        "Salimans et al. 2016, section 3.4.",
    ),
    "map": Words(
        "C(G): what G is after",
        "",  # the figure says it, with its numbers
        "C(G) = max<sub>D</sub> V(D, G) = −log 4 + 2 JSD(p_data ‖ p_G)",
        "In nats, for G's present second bump. Goodfellow et al. 2014, Theorem 1.",
    ),
    "ladder": Words(
        "Your V against the best",
        "",  # the figure says it, with its numbers
        "<i>V</i> = E log <i>D</i>(x) + E log(1 − <i>D</i>(<i>G</i>(z))) ≤ C(G)",
        "In nats, always the plain V, whatever the labels. Goodfellow et al. 2014, eq. 1.",
    ),
    "terms": Words(
        "Two terms, one label",
        "The label says which term is on: y = 1 the first, y = 0 the second, a smoothed label both.",
        "cost = y · (−log h) + (1 − y) · (−log(1 − h))",
        "In nats: the binary cross-entropy (BCE) of one verdict h. With a smoothed label its lowest place "
        "is h = y, and it is not 0 there.",
    ),
    "batch": Words(
        "A batch and its mean",
        "Your D judges eight real and eight generated samples. It minimises the sum of both means.",
        "loss of <i>D</i> = mean cost of real + mean cost of generated<br>"
        "with labels 1 and 0 it is −<i>V</i> on the batch",
        "In nats. A D that cannot tell pays 2 log 2 = 1.386; programs that average both halves show 0.693.",
    ),
    "float": Words(
        "The same loss in float32",
        "Computed from probabilities, the loss of a sure D goes in stairs, and then is infinite.",
        "from logits: log(1 + exp ℓ) − y ℓ<br>from probabilities: h = σ(ℓ) first, then its logarithms",
        "Computed here, in float32. Just below 1 its numbers lie 6·10⁻⁸ apart, so 1 − h has few values left.",
    ),
    "losses": Words(
        "Both losses of G",
        "Both are lower the more D is fooled, and both have the same fixed point.",
        "saturating: log(1 − <i>D</i>(<i>G</i>(z)))<br>non-saturating: −log <i>D</i>(<i>G</i>(z))",
        "In nats, both minimised. Goodfellow et al. 2014, section 3.",
    ),
    "slopes": Words(
        "Their gradients",
        "While D sees through G, at the left, only the non-saturating one still pulls.",
        "|d loss/dℓ| = <i>D</i> and 1 − <i>D</i>, ratio (1 − <i>D</i>)/<i>D</i>",
        "ℓ: D's logit of the sample. At D = 0.01 the ratio is 99, at 0.5 it is 1.",
    ),
    "pull": Words(
        "The push on G's samples",
        "Against the best D, held still: where p_G lies, the saturating push is weak.",
        "push = −d loss/dx = (1 − <i>D</i>*) ℓ′ or <i>D</i>* ℓ′, &nbsp; ℓ = log p/q",
        "Above 0 it is to the right. The mean is of its size, over p_G. The filled shape has no scale.",
    ),
    "optimum": Words(
        "What D* becomes",
        "A straight line from the fake label to the real one; its middle is the equilibrium.",
        "<i>D</i>* = β + (α − β) · p/(p + q)",
        "So p/(p + q) = (D* − β)/(α − β): undo the smoothing before reading a divergence off D. "
        "Salimans et al. 2016, section 3.4.",
    ),
    "pull_back": Words(
        "Why the real label is smoothed",
        "Beyond the label's own logit the slope turns: a D that is too sure is pulled back.",
        "d cost/dℓ = σ(ℓ) − α, zero at ℓ = log α/(1 − α)",
        "For a real image, in nats per unit of D's logit ℓ. With label 1 it never turns: label 0.9 is drawn "
        "to compare.",
    ),
    "fade": Words(
        "Why the fake label stays 0",
        "Above 0, the gradient of a sample dies where G is worst: data N(1, 1), G's N(−1, 1).",
        "d log <i>D</i>*/dx = (α − β) <i>D</i><sub>0</sub>′ / (β + (α − β) <i>D</i><sub>0</sub>), "
        "&nbsp; <i>D</i><sub>0</sub> = p/(p + q)",
        "Marked: a sample e⁸ times likelier from G than from the data. While the fake label is 0, 0.1 is "
        "drawn to compare. Salimans et al. 2016, section 3.4.",
    ),
    "functions": Words(
        "The functions",
        "What a hidden unit makes of its input.",
        "leaky ReLU: max(a, slope · a) · ReLU: max(a, 0) · ELU: a, below 0 exp(a) − 1<br>"
        "GELU: a Φ(a) · tanh a · sigmoid: 1/(1 + exp(−a))",
        "The same as in the live game's two players.",
    ),
    "derivatives": Words(
        "Their derivatives",
        "On its way back the gradient is multiplied by this, once in every layer.",
        "f′(a)",
        "The sigmoid's is at most 1/4, tanh's at most 1, ReLU's 0 or 1.",
    ),
    "surviving": Words(
        "What survives many layers",
        "Each layer multiplies the gradient by the same factor, on average.",
        "factor of a layer = gain · √(E f′(a)²), &nbsp; a ~ N(0, spread²)",
        "Wide layers, independent random weights, the same spread in each: an estimate for the first step "
        "of training, not for a trained network. Schoenholz et al. 2017, Deep Information Propagation.",
    ),
}
