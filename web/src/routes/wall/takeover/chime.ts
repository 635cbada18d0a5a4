/** Two falling notes, made here: nothing to load, and nothing that a customer would take for a phone. */
const NOTES = [
  { hertz: 784, at: 0 },
  { hertz: 587, at: 0.26 },
];
const LOUD = 0.18;
const LENGTH = 0.55;

let audio: AudioContext | null = null;

/**
 * Sounds once. A browser that has not been touched may keep it silent until it is; a kiosk is started with
 * `--autoplay-policy=no-user-gesture-required`.
 */
export function chime(): void {
  if (typeof AudioContext === 'undefined') return;
  audio ??= new AudioContext();
  const { state } = audio;
  if (state === 'suspended') audio.resume().catch(() => undefined);
  const begin = audio.currentTime + 0.02;
  for (const { hertz, at } of NOTES) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, begin + at);
    volume.gain.linearRampToValueAtTime(LOUD, begin + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + at + LENGTH);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin + at);
    tone.stop(begin + at + LENGTH);
  }
}
