import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
// Before the components, whose styles refine these.
import './styles/tokens.css';
import './styles/base.css';
import { App } from './App';

createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
