"""Texts of the charts of the minimax page."""

from __future__ import annotations

from ui.words import Words

WORDS = {
    "densities": Words(
        "Two densities",
        "The densities of the real data and of G's samples. Both are known here, so all else can be "
        "computed. Click to move G's mean.",
        "p(x) = (1 − w) N(x; m, s²) + w N(x; −m, s²)",
        "m: mean, s: spread, w: share of the second bump. Both densities are of this family.",
    ),
    "outputs": Words(
        "What D answers",
        "D* is the best D for these densities; where p_G = p_data it lies on the equilibrium line. "
        "Click to move your D's midpoint.",
        "<i>D</i>*(x) = (α p(x) + β q(x)) / (p(x) + q(x)), at p = q: (α + β)/2<br>"
        "your <i>D</i>: σ(slope · (x − midpoint))",
        "α: label of real images (label smoothing), β: label of generated images (fake label). "
        "Goodfellow et al. 2014, Prop. 1; Salimans et al. 2016, section 3.4.",
    ),
    "map": Words(
        "C(G): what G minimises",
        "",  # the figure says it, with its numbers
        "C(G) = max<sub>D</sub> V(D, G) = −log 4 + 2 JSD(p_data ‖ p_G)",
        "In nats, for the second bump of p_G as it is set. Goodfellow et al. 2014, Theorem 1.",
    ),
    "ladder": Words(
        "V of your D and of the best D",
        "",  # the figure says it, with its numbers
        "<i>V</i> = E log <i>D</i>(x) + E log(1 − <i>D</i>(<i>G</i>(z))) ≤ C(G)",
        "In nats. V is always taken without smoothing, whatever the labels. Goodfellow et al. 2014, eq. 1.",
    ),
    "terms": Words(
        "Two terms, one label",
        "The label y weights the terms: y = 1 keeps the first, y = 0 the second, a smoothed label both.",
        "cost = y · (−log h) + (1 − y) · (−log(1 − h))",
        "In nats: the binary cross-entropy (BCE) of one output h of D. With a smoothed label its minimum is "
        "at h = y, and it is above 0.",
    ),
    "batch": Words(
        "A batch and its mean",
        "Your D judges eight real and eight generated samples. It minimises the sum of both means.",
        "loss of <i>D</i> = mean cost of real + mean cost of generated<br>"
        "with labels 1 and 0 it is −<i>V</i> on the batch",
        "In nats. A D that always answers 0.5 has the loss 2 log 2 = 1.386. Programs that average the two "
        "means show 0.693.",
    ),
    "float": Words(
        "The same loss in float32",
        "Computed from probabilities, the loss of a very sure D has steps and then becomes infinite.",
        "from logits: log(1 + exp ℓ) − y ℓ<br>from probabilities: h = σ(ℓ) first, then its logarithms",
        "Computed here in float32. Just below 1, neighbouring float32 numbers differ by 6·10⁻⁸, so 1 − h has "
        "only few values.",
    ),
    "losses": Words(
        "Both losses of G",
        "Both losses fall as D(G(z)) rises, and both have the same fixed point.",
        "minimax (saturating): log(1 − <i>D</i>(<i>G</i>(z)))<br>non-saturating: −log <i>D</i>(<i>G</i>(z))",
        "In nats, both minimised. Goodfellow et al. 2014, section 3.",
    ),
    "slopes": Words(
        "Gradients of both losses",
        "At the left D recognises generated samples: only the non-saturating loss has a large gradient.",
        "|d loss/dℓ| = <i>D</i> and 1 − <i>D</i>, ratio (1 − <i>D</i>)/<i>D</i>",
        "ℓ: D's logit of the sample. At D = 0.01 the ratio is 99, at 0.5 it is 1.",
    ),
    "pull": Words(
        "The push on G's samples",
        "Push: minus the gradient of G's loss at a sample, with D = D*. The minimax push is weak where D* is "
        "small.",
        "push = −d loss/dx = (1 − <i>D</i>*) ℓ′ or <i>D</i>* ℓ′, &nbsp; ℓ = log p/q",
        "A push above 0 moves the sample to the right. The mean is that of its size over p_G. The filled "
        "shape of p_G has no scale.",
    ),
    "loss_parts": Words(
        "D's loss of one sample",
        "D minimises the mean over real samples plus the mean over generated ones. s is its raw score.",
        "cross-entropy: −log σ(s), −log(1 − σ(s)) · LSGAN: (s − 1)²/2, s²/2<br>"
        "hinge: max(0, 1 − s), max(0, 1 + s) · WGAN: −s, s",
        "First real, then generated, without smoothing. Goodfellow et al. 2014; Mao et al. 2017; Lim and Ye "
        "2017; Arjovsky et al. 2017. Relativistic: cross-entropy of s less the mean score of the other kind; "
        "Jolicoeur-Martineau 2019.",
    ),
    "loss_rise": Words(
        "G's gradient by the score",
        "How strongly G's loss tells the score of a generated sample to rise. Near 0, G learns nothing.",
        "non-saturating: σ(−s) · minimax: σ(s) · LSGAN: 1 − s · hinge, WGAN: 1",
        "Minus the derivative of G's loss of one sample by s. Below 0 the score is told to fall. "
        "Relativistic: of the part on generated samples.",
    ),
    "best_d": Words(
        "The best D on both densities",
        "max V measures how far p_data and p_G are apart; each loss has its own distance.",
        "cross-entropy, LSGAN: p/(p + q) · hinge: sign(p − q)<br>"
        "WGAN: slope 1 or −1, up from generated to real samples",
        "Without smoothing. WGAN: the best D of slope at most 1; its level is free, and here the mean score "
        "of all samples is 0. Relativistic: none. Goodfellow et al. 2014, Prop. 1; Mao et al. 2017; Arjovsky "
        "et al. 2017.",
    ),
    "loss_push": Words(
        "The push on G's samples",
        "Where G's loss moves a sample at x, against the best D. Above 0: to the right.",
        "push = −d loss/dx = (−d loss of G/ds) · ds/dx",
        "Per unit of x. The best hinge D is flat but for jumps, so its push is 0; a WGAN's has the size 1 "
        "everywhere. The filled shape of p_G has no scale.",
    ),
    "optimum": Words(
        "D* with smoothed labels",
        "D* rises evenly from the fake label to the real label. Its middle is the equilibrium line.",
        "<i>D</i>* = β + (α − β) · p/(p + q)",
        "So p/(p + q) = (D* − β)/(α − β): undo the smoothing in this way before you compute a divergence "
        "from D. "
        "Salimans et al. 2016, section 3.4.",
    ),
    "pull_back": Words(
        "Why the real label is smoothed",
        "Above the logit of the label the slope is positive: the loss lowers D's output, so D does not "
        "become too sure.",
        "d cost/dℓ = σ(ℓ) − α, zero at ℓ = log α/(1 − α)",
        "For a real image, in nats per unit of D's logit ℓ. With label 1 it is always below 0; label 0.9 is "
        "then drawn for comparison.",
    ),
    "fade": Words(
        "Why the fake label stays 0",
        "With a fake label above 0, G's worst samples get almost no gradient. Data: N(1, 1), G: N(−1, 1).",
        "d log <i>D</i>*/dx = (α − β) <i>D</i><sub>0</sub>′ / (β + (α − β) <i>D</i><sub>0</sub>), "
        "&nbsp; <i>D</i><sub>0</sub> = p/(p + q)",
        "Marked: a sample that is e⁸ times as likely from G as from the data. While the fake label is 0, 0.1 "
        "is drawn for comparison. Salimans et al. 2016, section 3.4.",
    ),
    "functions": Words(
        "Activation functions",
        "The output of a hidden unit for its input a.",
        "leaky ReLU: max(a, slope · a) · ReLU: max(a, 0) · ELU: a, below 0 exp(a) − 1<br>"
        "GELU: a Φ(a) · tanh a · sigmoid: 1/(1 + exp(−a))",
        "The same functions as in D and G of the live game.",
    ),
    "derivatives": Words(
        "Their derivatives",
        "In backpropagation the gradient is multiplied by this derivative, once in each layer.",
        "f′(a)",
        "At most 1/4 for the sigmoid, at most 1 for tanh, 0 or 1 for ReLU.",
    ),
    "surviving": Words(
        "The gradient after many layers",
        "Each layer multiplies the gradient by the same factor, on average.",
        "factor of a layer = gain · √(E f′(a)²), &nbsp; a ~ N(0, spread²)",
        "Wide layers, independent random weights, the same spread in each: an estimate for the first step "
        "of training, not for a trained network. Schoenholz et al. 2017, Deep Information Propagation.",
    ),
}
