/**
 * The formulas of the docstrings as mathematics. On a function's page of the reference, a paragraph that begins with the first string
 * shows the second in its place; what follows it goes on below. The build fails if a docstring no longer has its formula.
 */
const { raw } = String;

const ssim = raw`\frac{(2 \mu_x \mu_y + c_1)(2 \sigma_{xy} + c_2)}{(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + \sigma_y^2 + c_2)}`;
const gms = raw`\frac{2 m_1 m_2 + c}{m_1^2 + m_2^2 + c}`;
const msSsim: Formula = [
  'MS-SSIM(x, y) = mean(l_M · cs_M)^w_M · Π_{j<M} mean(cs_j)^w_j',
  raw`\operatorname{MS-SSIM}(x, y) = \overline{l_M \, cs_M}^{\,w_M} \prod_{j < M} \overline{cs_j}^{\,w_j}`,
];
const meanSsim: Formula = [
  'SSIM(x, y) = mean of (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)) over all windows',
  raw`\operatorname{SSIM}(x, y) = \operatorname*{mean}_{\text{windows}}\; ${ssim}`,
];
const psnr: Formula = [
  'PSNR(x, y) = 10 log₁₀(L² / MSE)',
  raw`\operatorname{PSNR}(x, y) = 10 \log_{10} \frac{L^2}{\operatorname{MSE}}`,
];

/** As the docstring has it, and as TeX. */
type Formula = readonly [text: string, tex: string];

/** By the page, as it lies in docs/reference/. */
export const formulas: Readonly<Record<string, Formula>> = {
  'arrays/gmsd': [
    'GMSD(x, y) = √(mean (GMS − mean GMS)²), with GMS = (2 m₁ m₂ + c) / (m₁² + m₂² + c)',
    raw`\operatorname{GMSD}(x, y) = \sqrt{\operatorname{mean}\,(\operatorname{GMS} - \overline{\operatorname{GMS}})^2}, \qquad \operatorname{GMS} = ${gms}`,
  ],
  'arrays/msSsim': msSsim,
  'arrays/psnr': psnr,
  'arrays/ssim': meanSsim,
  'arrays/ssimMap': [
    'SSIM = l(x, y)^α · c(x, y)^β · s(x, y)^γ; with all exponents 1, (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2))',
    raw`\operatorname{SSIM} = l(x, y)^\alpha \, c(x, y)^\beta \, s(x, y)^\gamma \overset{\alpha = \beta = \gamma = 1}{=} ${ssim}`,
  ],
  'arrays/ssimResidualMap': ['R(x, y) = 1 − SSIM(x, y)', raw`R(x, y) = 1 - \operatorname{SSIM}(x, y)`],
  'arrays/ssimWithGradient': [
    'SSIM = mean of (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2)) over all windows',
    meanSsim[1],
  ],
  'autoencoder/corrupt': ['y = x + a (v − x)', raw`y = x + a\,(v - x)`],
  auPimo: [
    'AUPIMO_i = 1 / ln(U/L) ∫ TPR_i d ln FPR from L to U',
    raw`\operatorname{AUPIMO}_i = \frac{1}{\ln(U/L)} \int_L^U \operatorname{TPR}_i \, d \ln \operatorname{FPR}`,
  ],
  auPro: [
    'AU-PRO = 1/L ∫₀ᴸ PRO dFPR, PRO(t) = mean over the regions R of |R ∩ {map ≥ t}| / |R|',
    raw`\operatorname{AU-PRO} = \frac{1}{L} \int_0^L \operatorname{PRO} \, d\operatorname{FPR}, \qquad \operatorname{PRO}(t) = \operatorname*{mean}_{\text{regions } R} \frac{|R \cap \{\text{map} \ge t\}|}{|R|}`,
  ],
  averagePrecision: [
    'AP = Σ_k (R_k − R_{k−1}) · P_k',
    raw`\operatorname{AP} = \sum_k (R_k - R_{k-1}) \, P_k`,
  ],
  bestF1: [
    'F1 = max over t of 2 TP / (2 TP + FP + FN)',
    raw`F_1 = \max_t \frac{2 \operatorname{TP}}{2 \operatorname{TP} + \operatorname{FP} + \operatorname{FN}}`,
  ],
  charbonnierLoss: [
    'Charbonnier(x, x̂) = Σ (√((x − x̂)² + ε²) − ε)',
    raw`\operatorname{Charbonnier}(x, \hat x) = \sum \left( \sqrt{(x - \hat x)^2 + \varepsilon^2} - \varepsilon \right)`,
  ],
  cyclicalAnnealing: [
    'β(t) = from + (to − from) · min(τ / ratio, 1), τ = (t mod (steps / cycles)) / (steps / cycles)',
    raw`\beta(t) = \text{from} + (\text{to} - \text{from}) \, \min\left(\frac{\tau}{\text{ratio}}, 1\right), \qquad \tau = \frac{t \bmod (\text{steps} / \text{cycles})}{\text{steps} / \text{cycles}}`,
  ],
  dice: ['Dice = 2 |T ∩ P| / (|T| + |P|)', raw`\operatorname{Dice} = \frac{2\,|T \cap P|}{|T| + |P|}`],
  dssimLoss: [
    'DSSIM(x, x̂) = (1 − SSIM(x, x̂)) / 2',
    raw`\operatorname{DSSIM}(x, \hat x) = \frac{1 - \operatorname{SSIM}(x, \hat x)}{2}`,
  ],
  featureMatchingLoss: [
    'L_FM(x, x̂) = L2(x, x̂) + λ Σ_layers w ‖F(x) − F(x̂)‖₂²',
    raw`L_{\mathrm{FM}}(x, \hat x) = L_2(x, \hat x) + \lambda \sum_{\text{layers}} w \, \lVert F(x) - F(\hat x) \rVert_2^2`,
  ],
  featureResidualMap: [
    'R(x, x̂) = Σ_layers w · resize(Σ_channels (F(x) − F(x̂))²)',
    raw`R(x, \hat x) = \sum_{\text{layers}} w \, \operatorname{resize}\left( \sum_{\text{channels}} (F(x) - F(\hat x))^2 \right)`,
  ],
  featureResidualMaps: [
    'R_l(x, x̂) = w_l · resize(Σ_channels (F_l(x) − F_l(x̂))²)',
    raw`R_l(x, \hat x) = w_l \, \operatorname{resize}\left( \sum_{\text{channels}} (F_l(x) - F_l(\hat x))^2 \right)`,
  ],
  gmsLoss: [
    'L(x, x̂) = mean of 1 − GMS = (m₁ − m₂)² / (m₁² + m₂² + c)',
    raw`L(x, \hat x) = \operatorname{mean}\,(1 - \operatorname{GMS}), \qquad 1 - \operatorname{GMS} = \frac{(m_1 - m_2)^2}{m_1^2 + m_2^2 + c}`,
  ],
  gmsMap: [
    'GMS = (2 m₁ m₂ + c) / (m₁² + m₂² + c), with m = √(gₕ² + gᵥ²)',
    raw`\operatorname{GMS} = ${gms}, \qquad m = \sqrt{g_h^2 + g_v^2}`,
  ],
  gmsd: [
    'GMSD(x, y) = √(mean (GMS − mean GMS)²)',
    raw`\operatorname{GMSD}(x, y) = \sqrt{\operatorname{mean}\,(\operatorname{GMS} - \overline{\operatorname{GMS}})^2}`,
  ],
  haarPsi: [
    'HaarPSI = (σ⁻¹(Σ σ(α S) w / Σ w) / α)²',
    raw`\operatorname{HaarPSI} = \left( \frac{1}{\alpha} \, \sigma^{-1}\left( \frac{\sum \sigma(\alpha S)\, w}{\sum w} \right) \right)^2`,
  ],
  haarPsiLoss: ['L(x, x̂) = 1 − HaarPSI(x, x̂)', raw`L(x, \hat x) = 1 - \operatorname{HaarPSI}(x, \hat x)`],
  haarPsiResidualMap: ['R(x, x̂) = 1 − resize(S)', raw`R(x, \hat x) = 1 - \operatorname{resize}(S)`],
  huberLoss: ['Huber(x, x̂) = Σ h(x − x̂)', raw`\operatorname{Huber}(x, \hat x) = \sum h(x - \hat x)`],
  imageScore: ['s = max_p R(p)', raw`s = \max_p R(p)`],
  iou: ['IoU = |T ∩ P| / |T ∪ P|', raw`\operatorname{IoU} = \frac{|T \cap P|}{|T \cup P|}`],
  klDivergence: [
    'KL(Q ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²), KL(Q ‖ P) = ½ Σ ((μ − μₚ)² / σₚ² + σ² / σₚ² − 1 − log (σ² / σₚ²))',
    raw`\begin{gathered} \operatorname{KL}(Q \,\Vert\, \mathcal N(0, 1)) = \tfrac12 \sum \left( \mu^2 + \sigma^2 - 1 - \log \sigma^2 \right) \\[1ex] \operatorname{KL}(Q \,\Vert\, P) = \tfrac12 \sum \left( \frac{(\mu - \mu_p)^2}{\sigma_p^2} + \frac{\sigma^2}{\sigma_p^2} - 1 - \log \frac{\sigma^2}{\sigma_p^2} \right) \end{gathered}`,
  ],
  l1Loss: ['L1(x, x̂) = Σ |x − x̂|', raw`L_1(x, \hat x) = \sum |x - \hat x|`],
  l1ResidualMap: ['R(x, x̂) = Σ_channels |x − x̂|', raw`R(x, \hat x) = \sum_{\text{channels}} |x - \hat x|`],
  l2Loss: ['L2(x, x̂) = Σ (x − x̂)²', raw`L_2(x, \hat x) = \sum (x - \hat x)^2`],
  l2ResidualMap: ['R(x, x̂) = Σ_channels (x − x̂)²', raw`R(x, \hat x) = \sum_{\text{channels}} (x - \hat x)^2`],
  linearAnnealing: [
    'β(t) = from + (to − from) · clip((t − start) / (steps − start), 0, 1)',
    raw`\beta(t) = \text{from} + (\text{to} - \text{from}) \, \operatorname{clip}\left( \frac{t - \text{start}}{\text{steps} - \text{start}}, 0, 1 \right)`,
  ],
  luma: ['Y = 0.299 R + 0.587 G + 0.114 B', raw`Y = 0.299\,R + 0.587\,G + 0.114\,B`],
  mixLoss: [
    'L(x, x̂) = α · (1 − MS-SSIM(x, x̂)) + (1 − α) · mean(G ∗ |x − x̂|) / dataRange',
    raw`L(x, \hat x) = \alpha\,(1 - \operatorname{MS-SSIM}(x, \hat x)) + (1 - \alpha)\, \frac{\operatorname{mean}(G * |x - \hat x|)}{\text{dataRange}}`,
  ],
  msGmsLoss: [
    'L(x, x̂) = 1 − (1 / M) Σ_j mean GMS_j',
    raw`L(x, \hat x) = 1 - \frac1M \sum_j \overline{\operatorname{GMS}_j}`,
  ],
  msGmsResidualMap: [
    'R(x, x̂) = 1 − (1 / M) Σ_j resize(GMS_j)',
    raw`R(x, \hat x) = 1 - \frac1M \sum_j \operatorname{resize}(\operatorname{GMS}_j)`,
  ],
  msSsim,
  msSsimLoss: [
    'L(x, x̂) = 1 − MS-SSIM(x, x̂), computed as 1 − Π (1 − d_j)^w_j',
    raw`L(x, \hat x) = 1 - \operatorname{MS-SSIM}(x, \hat x) = 1 - \prod_j (1 - d_j)^{w_j}`,
  ],
  normalizeMap: [
    'y = (x − least) / (largest − least)',
    raw`y = \frac{x - \text{least}}{\text{largest} - \text{least}}`,
  ],
  openMask: [
    'opening = (mask ⊖ D) ⊕ D, D = {(dy, dx): dy² + dx² ≤ r²}',
    raw`\text{opening} = (\text{mask} \ominus D) \oplus D, \qquad D = \{(dy, dx) : dy^2 + dx^2 \le r^2\}`,
  ],
  precisionRecallCurve: [
    'precision(t) = TP(t) / (TP(t) + FP(t)), recall(t) = TP(t) / (TP(t) + FN(t))',
    raw`\text{precision}(t) = \frac{\operatorname{TP}(t)}{\operatorname{TP}(t) + \operatorname{FP}(t)}, \qquad \text{recall}(t) = \frac{\operatorname{TP}(t)}{\operatorname{TP}(t) + \operatorname{FN}(t)}`,
  ],
  proCurve: [
    'PRO(t) = mean over the regions R of |R ∩ {map ≥ t}| / |R|',
    raw`\operatorname{PRO}(t) = \operatorname*{mean}_{\text{regions } R} \frac{|R \cap \{\text{map} \ge t\}|}{|R|}`,
  ],
  psnr,
  reparameterize: [
    'z = μ + σ ε, ε ~ N(0, 1)',
    raw`z = \mu + \sigma \varepsilon, \qquad \varepsilon \sim \mathcal N(0, 1)`,
  ],
  rocAuc: [
    'AUC = P(s⁺ > s⁻) + ½ P(s⁺ = s⁻) = Σ_steps ΔFPR · (TPR_before + TPR_after) / 2',
    raw`\operatorname{AUC} = P(s^+ > s^-) + \tfrac12 P(s^+ = s^-) = \sum_{\text{steps}} \Delta \operatorname{FPR} \cdot \frac{\operatorname{TPR}_{\text{before}} + \operatorname{TPR}_{\text{after}}}{2}`,
  ],
  rocCurve: [
    'TPR(t) = #{labelled 1, score ≥ t} / #{labelled 1}, FPR(t) = #{labelled 0, score ≥ t} / #{labelled 0}',
    raw`\operatorname{TPR}(t) = \frac{\#\{\text{labelled } 1,\ \text{score} \ge t\}}{\#\{\text{labelled } 1\}}, \qquad \operatorname{FPR}(t) = \frac{\#\{\text{labelled } 0,\ \text{score} \ge t\}}{\#\{\text{labelled } 0\}}`,
  ],
  ssim: meanSsim,
  ssimLoss: ['L(x, x̂) = 1 − SSIM(x, x̂)', raw`L(x, \hat x) = 1 - \operatorname{SSIM}(x, \hat x)`],
  ssimMap: [
    'SSIM = l(x, y)^α · c(x, y)^β · s(x, y)^γ; with all exponents 1, (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2))',
    raw`\operatorname{SSIM} = l(x, y)^\alpha \, c(x, y)^\beta \, s(x, y)^\gamma \overset{\alpha = \beta = \gamma = 1}{=} ${ssim}`,
  ],
  ssimResidualMap: [
    'R(x, x̂) = mean over channels of 1 − SSIM(x, x̂)',
    raw`R(x, \hat x) = \operatorname*{mean}_{\text{channels}}\,(1 - \operatorname{SSIM}(x, \hat x))`,
  ],
  ssimTerms: [
    'l = (2 μx μy + c1) / (μx² + μy² + c1), c = (2 σx σy + c2) / (σx² + σy² + c2), s = (2 σxy + c2) / (2 σx σy + c2)',
    raw`l = \frac{2 \mu_x \mu_y + c_1}{\mu_x^2 + \mu_y^2 + c_1}, \qquad c = \frac{2 \sigma_x \sigma_y + c_2}{\sigma_x^2 + \sigma_y^2 + c_2}, \qquad s = \frac{2 \sigma_{xy} + c_2}{2 \sigma_x \sigma_y + c_2}`,
  ],
  thresholdAtF1: [
    't = argmax F1(t), F1(t) = 2 TP / (2 TP + FP + FN)',
    raw`t = \operatorname*{arg\,max}_t F_1(t), \qquad F_1(t) = \frac{2 \operatorname{TP}}{2 \operatorname{TP} + \operatorname{FP} + \operatorname{FN}}`,
  ],
  thresholdAtFalseAlarmRate: [
    't = s₍ₖ₎, k = ⌈(n + 1)(1 − rate)⌉, s₍₁₎ ≤ … ≤ s₍ₙ₎',
    raw`t = s_{(k)}, \qquad k = \lceil (n + 1)(1 - \text{rate}) \rceil, \qquad s_{(1)} \le \dots \le s_{(n)}`,
  ],
  thresholdAtQuantile: [
    't = s₍⌊k⌋₎ + (k − ⌊k⌋) · (s₍⌊k⌋₊₁₎ − s₍⌊k⌋₎), k = q · (n − 1), s₍₀₎ ≤ … ≤ s₍ₙ₋₁₎',
    raw`\begin{gathered} t = s_{(\lfloor k \rfloor)} + (k - \lfloor k \rfloor)\,(s_{(\lfloor k \rfloor + 1)} - s_{(\lfloor k \rfloor)}), \\ k = q\,(n - 1), \qquad s_{(0)} \le \dots \le s_{(n-1)} \end{gathered}`,
  ],
  tiledResidualMap: [
    'R(p) = Σ_tiles w_t(p) R_t(p) / Σ_tiles w_t(p)',
    raw`R(p) = \frac{\sum_t w_t(p)\, R_t(p)}{\sum_t w_t(p)}`,
  ],
  tiledResidualMaps: [
    'R_name(p) = Σ_tiles w_t(p) R_name,t(p) / Σ_tiles w_t(p)',
    raw`R_{\text{name}}(p) = \frac{\sum_t w_t(p)\, R_{\text{name}, t}(p)}{\sum_t w_t(p)}`,
  ],
  vaeLoss: [
    'L(x, x̂) = L2(x, x̂) + β KL(Q(z|x) ‖ N(0, 1))',
    raw`L(x, \hat x) = L_2(x, \hat x) + \beta \operatorname{KL}(Q(z \mid x) \,\Vert\, \mathcal N(0, 1))`,
  ],
  withOptions: [
    'f(x, x̂) = loss(x, x̂, options)',
    raw`f(x, \hat x) = \operatorname{loss}(x, \hat x, \text{options})`,
  ],
};
